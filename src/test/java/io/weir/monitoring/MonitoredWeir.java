package io.weir.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.config.Size;
import io.weir.config.TagsConfig;
import io.weir.integrity.Scrub;
import io.weir.integrity.ScrubProgress;
import io.weir.oci.Digest;
import io.weir.oci.ImagePattern;
import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.TraceCollector;
import io.weir.testing.Users;
import io.weir.testing.WeirServer;
import io.weir.testing.real.TestCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A server that meets, again and again, everything that its metrics tell of: hits and misses,
 * clients that wait for each other and clients that leave, tags that are confirmed, an upstream
 * that is gone, one that counts requests and one time in ten sends wrong bytes, logins, images that
 * leave.
 */
final class MonitoredWeir implements AutoCloseable {

  static final String HUB = "docker.io";
  static final String QUAY = "quay.io";

  private static final String APP = "team/app";
  private static final String NEW = "team/new";
  private static final String BAD = "team/bad";
  private static final String LARGE = "team/large";

  private static final Duration REFRESH = Duration.ofSeconds(10);
  private static final int LAYER_BYTES = 64 << 10;

  /** More than the buffers between server and client hold. */
  private static final long BIG_BYTES = 24 << 20;

  private static final long LESS_THAN_BIG = 16 << 20;

  private final Path folder;
  private final FakeClock clock = new FakeClock();
  private final ScriptedUpstream hub = ScriptedUpstream.start();
  private final ScriptedUpstream quay = ScriptedUpstream.start();
  private final TraceCollector collector = TraceCollector.start();
  private final Users users;
  private final TestCertificate certificate;
  private final HttpClient client;
  private final WeirServer weir;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Digest big;
  private volatile boolean isClosing;
  private @Nullable Future<Integer> load;

  private MonitoredWeir(Path folder) throws IOException {
    this.folder = folder;
    this.users = new Users(folder.resolve("users")).put("ci", "secret");
    this.certificate = TestCertificate.selfSigned(folder);
    this.client =
        HttpClient.newBuilder()
            .sslContext(certificate.trusting())
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    clock.jump(Duration.between(clock.instant(), Instant.now()));
    big = hub.putRandomBlob(BIG_BYTES, 1);
    hub.imageOf(LARGE, "v1", big);
    hub.image(APP, "v1", layer(-1));
    quay.image(APP, "v1", layer(-2));
    hub.on("GET", "/v2/.+")
        .header("RateLimit-Limit", "100;w=21600")
        .header("RateLimit-Remaining", "7;w=21600");
    // Clients that ask at the same time wait for the same fetch, and the load has a pace.
    hub.on("GET", "/v2/.+/blobs/.+").delay(Duration.ofMillis(20));
    hub.on("GET", "/v2/" + BAD + "/blobs/.+").corruptByteAt(LAYER_BYTES / 2);
    this.weir = server(new Size.Percent(100)).start();
  }

  /** A server without load, whose store is in {@code folder}. */
  static MonitoredWeir start(Path folder) throws IOException {
    return new MonitoredWeir(folder);
  }

  private WeirServer.Builder server(Size maxSize) {
    Config.Allowed everything = new Config.Allowed(List.of(ImagePattern.parse("**")));
    return WeirServer.in(folder.resolve("data"))
        .clock(clock)
        .tags(REFRESH, TagsConfig.StaleIfError.ALWAYS)
        .limits(maxSize, new Size.Bytes(0))
        .tls(new Config.Tls(certificate.certificate(), certificate.key(), Optional.empty()))
        .tracing(collector.url(), 0.1)
        .auth(new Config.Auth(Optional.of(users.file()), Optional.of(everything), Map.of()))
        .upstream(HUB, hub.url())
        .upstream(QUAY, quay.url());
  }

  int adminPort() {
    return weir.adminPort();
  }

  /** The metrics as they are now. */
  String page() throws IOException {
    return Http.get(adminPort(), "/metrics").text();
  }

  /** Does once what is not worth doing often, and begins to pull. */
  void load() throws IOException, InterruptedException {
    assertThat(manifest(HUB, LARGE, "v1")).isEqualTo(200);
    pull(LARGE, big);
    weir.awaitReconciliation();
    // A store that becomes too small, and large again.
    weir.reload(server(new Size.Bytes(LESS_THAN_BIG)));
    awaitCount("weir_evicted_bytes_total{reason=\"size\"");
    weir.reload(server(new Size.Percent(100)));
    assertThat(manifest(QUAY, APP, "v1")).isEqualTo(200);
    quay.goOffline();
    weir.weir().scrub().run(new Scrub.Options(true, OptionalLong.empty()), new ScrubProgress());
    load = threads.submit(this::pullUntilClosed);
  }

  /** Whether it pulls; it does not go on after something went wrong. */
  boolean isPulling() {
    return load != null && !load.isDone();
  }

  private void awaitCount(String beginning) throws IOException {
    Instant end = Instant.now().plusSeconds(20);
    while (page().lines().noneMatch(line -> line.startsWith(beginning) && !line.endsWith(" 0.0"))) {
      assertThat(Instant.now()).as(beginning).isBefore(end);
    }
  }

  private int pullUntilClosed() throws Exception {
    int round = 0;
    while (!isClosing) {
      pullOnce(round++);
      clock.advance(REFRESH.plusSeconds(1));
    }
    return round;
  }

  private void pullOnce(int round) throws Exception {
    ScriptedUpstream.Image image = hub.image(NEW, "v" + round, layer(2 * round));
    Digest layer = image.layers().getFirst();
    assertThat(manifest(HUB, NEW, "v" + round)).isEqualTo(200);
    pullAtOnce(NEW, layer); // a miss, and one that waits for it
    pull(NEW, layer); // a hit
    Digest other = hub.putBlob(layer(2 * round + 1));
    assertThat(head(blob(HUB, NEW, other))).isEqualTo(200); // passes by
    assertThat(manifest(HUB, APP, "v1")).isEqualTo(200); // confirmed
    assertThat(manifest(QUAY, APP, "v1")).isEqualTo(200); // out of date, and upstream is gone
    assertThat(manifest(HUB, APP, "missing")).isEqualTo(404);
    leaveInTheMiddle();
    if (round % 10 == 9) {
      logIn(round);
      takeNothingWrong(layer(-10 - round));
      evict(NEW + ":v" + (round - 5));
      // The store is looked at once a minute, and when the configuration has changed.
      weir.reload(server(new Size.Percent(100)));
    }
  }

  private void pull(String repository, Digest digest) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        client.send(request(blob(HUB, repository, digest)).build(), BodyHandlers.ofByteArray());
    assertThat(digest.algorithm().of(answer.body())).isEqualTo(digest);
  }

  private void pullAtOnce(String repository, Digest digest)
      throws InterruptedException, ExecutionException {
    HttpRequest request = request(blob(HUB, repository, digest)).build();
    List<CompletableFuture<HttpResponse<byte[]>>> answers =
        List.of(
            client.sendAsync(request, BodyHandlers.ofByteArray()),
            client.sendAsync(request, BodyHandlers.ofByteArray()));
    for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
      assertThat(digest.algorithm().of(answer.get().body())).isEqualTo(digest);
    }
  }

  private void leaveInTheMiddle() throws IOException, InterruptedException {
    try (InputStream body =
        client.send(request(blob(HUB, LARGE, big)).build(), BodyHandlers.ofInputStream()).body()) {
      assertThat(body.read()).isNotNegative();
    }
  }

  private void logIn(int round) throws IOException, InterruptedException {
    HttpRequest.Builder right =
        request("/v2/").header("Authorization", Users.login("ci", "secret"));
    assertThat(status(right)).isEqualTo(200);
    HttpRequest.Builder wrong =
        request("/v2/").header("Authorization", Users.login("ci", "guess" + round));
    assertThat(status(wrong)).isIn(401, 429);
  }

  /** Wrong bytes are refused, or cut where some of them have gone out. */
  private void takeNothingWrong(byte[] content) throws InterruptedException {
    Digest digest = hub.putBlob(BAD, content);
    try {
      assertThat(status(request(blob(HUB, BAD, digest)))).isEqualTo(502);
    } catch (IOException _) {
      // It was cut.
    }
  }

  private void evict(String image) throws IOException {
    String path = "/api/v1/images/" + HUB + "/" + image;
    assertThat(Http.request(adminPort(), "DELETE", path).status()).isEqualTo(200);
  }

  private int manifest(String upstream, String repository, String tag)
      throws IOException, InterruptedException {
    return status(request("/v2/%s/%s/manifests/%s".formatted(upstream, repository, tag)));
  }

  private int head(String path) throws IOException, InterruptedException {
    return status(request(path).HEAD());
  }

  private int status(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.discarding()).statusCode();
  }

  private static String blob(String upstream, String repository, Digest digest) {
    return "/v2/%s/%s/blobs/%s".formatted(upstream, repository, digest);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + weir.port() + path));
  }

  /** Each one's own. */
  private static byte[] layer(int number) {
    byte[] content = new byte[LAYER_BYTES];
    new Random(number).nextBytes(content);
    return content;
  }

  /**
   * Ends the load, and then the rest.
   *
   * @throws AssertionError where a pull did not go as it should
   */
  @Override
  public void close() throws IOException {
    isClosing = true;
    Future<Integer> rounds = load;
    try {
      if (rounds != null) {
        rounds.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError("the load broke", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      threads.close();
      client.close();
      weir.close();
      hub.close();
      quay.close();
      collector.close();
    }
  }
}
