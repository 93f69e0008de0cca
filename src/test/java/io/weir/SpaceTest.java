package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.weir.cache.Cache;
import io.weir.config.Config;
import io.weir.metrics.Metrics;
import io.weir.oci.Digest;
import io.weir.registry.RegistryServer;
import io.weir.store.Store;
import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.ScriptedSpace;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import io.weir.upstream.Upstreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Room is claimed before anything is written, and what gets none is served all the same. */
@Timeout(60)
class SpaceTest {

  private static final String APP = "/v2/hub/team/app";
  private static final String BLOBS = ".*/blobs/.*";
  private static final String REFUSED = "weir; fwd=uri-miss; detail=\"no room for it\"";
  private static final long MIB = 1 << 20;
  private static final long STEP_BYTES = 64 * MIB;

  @TempDir private Path data;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  private final Vertx vertx = Vertx.vertx();
  private final List<AutoCloseable> rooms = new ArrayList<>();
  private int port;

  /** A server that has this room, and nothing that makes more. */
  private void serve(ScriptedSpace space) throws IOException {
    Config config = WeirServer.in(data).upstream("hub", upstream.url()).config();
    FakeClock clock = new FakeClock();
    Metrics metrics = new Metrics("test");
    Store store = Store.open(data, clock, clock);
    Upstreams upstreams = new Upstreams(vertx, clock, Map.of(), metrics);
    upstreams.use(config.upstreams().values());
    Cache cache = new Cache(config.cache(), store, space, upstreams, clock, metrics);
    RegistryServer registry = new RegistryServer(config, cache, clock, metrics);
    rooms.addAll(List.of(registry, cache, upstreams, store));
    registry.start();
    port = registry.address().getPort();
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable room : rooms) {
      room.close();
    }
    vertx.close().await();
  }

  private static byte[] random(int size, long seed) {
    byte[] content = new byte[size];
    new Random(seed).nextBytes(content);
    return content;
  }

  private Http.Answer get(Digest digest) throws IOException {
    return Http.get(port, APP + "/blobs/" + digest);
  }

  private Path incoming(Digest digest) {
    return data.resolve("incoming").resolve("sha256-" + digest.hex());
  }

  /** Waits for the thread of a fetch whose client has all bytes already. */
  private static void awaitClosed(ScriptedSpace space) {
    Instant end = Instant.now().plus(Duration.ofSeconds(10));
    while (space.open() > 0 && Instant.now().isBefore(end)) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(space.open()).as("grants that are not closed").isZero();
  }

  private void assertNothingIncoming() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("incoming"))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void roomIsClaimedForTheWholeBlobAndForEachManifest() throws Exception {
    ScriptedSpace space = new ScriptedSpace(MIB);
    serve(space);
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", random(5000, 1));
    assertThat(Http.get(port, APP + "/manifests/v1").body()).isEqualTo(image.manifest());
    assertThat(get(image.layers().getFirst()).body()).isEqualTo(random(5000, 1));
    assertThat(space.claims()).containsExactly("hub " + image.manifest().length, "hub 5000");
    awaitClosed(space);
  }

  @Test
  void whatWasHalfFetchedNeedsOnlyTheRest() throws Exception {
    ScriptedSpace space = new ScriptedSpace(1000);
    serve(space);
    byte[] content = random(10_000, 2);
    Digest digest = upstream.putBlob(content);
    Files.write(incoming(digest), Arrays.copyOf(content, 9000));
    assertThat(get(digest).body()).isEqualTo(content);
    assertThat(space.claims()).containsExactly("hub 1000");
    awaitClosed(space);
    assertThat(data.resolve("blobs/sha256").resolve(digest.hex())).hasBinaryContent(content);
  }

  /** The fetch asks once and learns the length; after the refusal each client asks for itself. */
  @Test
  void whatIsRefusedPassesToEveryClientWithOneRequestEachBesideTheFirst() throws Exception {
    ScriptedSpace space = new ScriptedSpace(1000);
    serve(space);
    byte[] content = random(10_000, 3);
    Digest digest = upstream.putBlob(content);
    Files.write(incoming(digest), Arrays.copyOf(content, 10));
    List<Future<Http.Answer>> answers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      answers.add(clients.submit(() -> get(digest)));
    }
    for (Future<Http.Answer> answer : answers) {
      assertThat(answer.get().body()).isEqualTo(content);
      assertThat(answer.get().header("Cache-Status"))
          .isIn(REFUSED, "weir; fwd=uri-miss; detail=\"disk full\"");
    }
    assertThat(space.claims()).containsExactly("hub 9990");
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(1 + 8);
    assertNothingIncoming();
    awaitClosed(space);
  }

  @Test
  void aManifestThatIsRefusedIsServed() throws Exception {
    serve(new ScriptedSpace(10));
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", random(10, 4));
    Http.Answer answer = Http.get(port, APP + "/manifests/v1");
    assertThat(answer.body()).isEqualTo(image.manifest());
    assertThat(answer.header("Cache-Status")).isEqualTo(REFUSED);
  }

  @Test
  void aBlobOfUnknownLengthClaimsAStepAtATimeAndGoesOnAloneWhereOneIsRefused() throws Exception {
    ScriptedSpace space = new ScriptedSpace(STEP_BYTES);
    serve(space);
    Digest digest = upstream.putRandomBlob(STEP_BYTES + 3 * MIB, 5);
    upstream.on("GET", BLOBS).noContentLength();
    Http.Answer answer = get(digest);
    assertThat(answer.whole()).isTrue();
    assertThat(Digest.Algorithm.SHA256.of(answer.body())).isEqualTo(digest);
    assertThat(space.claims()).containsExactly("hub " + STEP_BYTES, "+" + STEP_BYTES);
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(2);
    assertNothingIncoming();
    awaitClosed(space);
  }
}
