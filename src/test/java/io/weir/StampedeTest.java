package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many clients at once for what nobody has yet. */
class StampedeTest {

  private static final String BLOBS = ".*/blobs/.*";
  private static final int MIB = 1 << 20;

  @TempDir private Path data;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  @AutoClose private WeirServer weir;

  @BeforeEach
  void start() throws IOException {
    weir = serve(Config.Abandoned.FINISH);
  }

  private WeirServer serve(Config.Abandoned abandoned) throws IOException {
    return WeirServer.in(data)
        .abandoned(abandoned)
        .timeouts(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(30))
        .upstream("hub", upstream.url())
        .start();
  }

  private String path(Digest digest) {
    return "/v2/hub/team/app/blobs/" + digest;
  }

  /** What a client got: how much, whether all of it, and what it hashes to. */
  private record Got(long bytes, boolean whole, String digest, Instant at) {}

  /** Reads a blob as fast as it comes, and leaves after {@code leaveAfter} bytes. */
  private Callable<Got> client(Digest digest, long leaveAfter) {
    return client(digest, leaveAfter, new CountDownLatch(0));
  }

  /** Reads a blob, at 1 MiB/s until {@code hurry}, and leaves after {@code leaveAfter} bytes. */
  private Callable<Got> client(Digest digest, long leaveAfter, CountDownLatch hurry) {
    return () -> {
      MessageDigest hash = digest.algorithm().newMessageDigest();
      byte[] buffer = new byte[1 << 16];
      long bytes = 0;
      long begun = System.nanoTime();
      try (Http.Stream stream = Http.open(weir.port(), "GET", path(digest))) {
        assertThat(stream.status()).isEqualTo(200);
        for (int count = stream.read(buffer);
            count >= 0 && bytes < leaveAfter;
            count = stream.read(buffer)) {
          hash.update(buffer, 0, count);
          bytes += count;
          if (hurry.getCount() > 0) {
            long dueNanos = begun + (long) (1e9 * bytes / MIB);
            boolean _ = hurry.await(dueNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
          }
        }
        String hashed = digest.algorithm().finish(hash.digest()).toString();
        return new Got(bytes, stream.whole(), hashed, Instant.now());
      }
    };
  }

  @Test
  void thirtyTwoClientsShareOneFetchWhateverTheirPace() throws Exception {
    long size = 256L * MIB;
    Digest digest = upstream.putRandomBlob(size, 1);
    upstream.bytesPerSecond(100L * MIB);
    Instant begun = Instant.now();
    CountDownLatch hurry = new CountDownLatch(1);
    Future<Got> slow = clients.submit(client(digest, Long.MAX_VALUE, hurry));
    List<Future<Got>> leaving = new ArrayList<>();
    List<Future<Got>> staying = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      leaving.add(clients.submit(client(digest, size / 2)));
    }
    for (int i = 0; i < 29; i++) {
      staying.add(clients.submit(client(digest, Long.MAX_VALUE)));
    }
    Instant last = begun;
    for (Future<Got> client : staying) {
      Got got = client.get();
      assertThat(got.whole()).isTrue();
      assertThat(got.bytes()).isEqualTo(size);
      assertThat(got.digest()).isEqualTo(digest.toString());
      last = got.at().isAfter(last) ? got.at() : last;
    }
    for (Future<Got> client : leaving) {
      assertThat(client.get().whole()).isFalse();
    }
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(1);
    assertThat(upstream.bodyBytes()).isEqualTo(size);
    assertThat(slow.isDone()).as("the slow one is still at it, and held nobody up").isFalse();
    hurry.countDown();
    assertThat(slow.get().digest()).isEqualTo(digest.toString());
    assertThat(Duration.between(begun, last))
        .as("7.4 GiB in all")
        .isLessThan(Duration.ofSeconds(40));
  }

  @Test
  void aLateClientGetsTheBeginningAtOnceAndJoinsTheSameFetch() throws Exception {
    long size = 8L * MIB;
    Digest digest = upstream.putRandomBlob(size, 2);
    CountDownLatch goOn = new CountDownLatch(1);
    upstream.on("GET", BLOBS).stallAfter(6L * MIB, goOn);
    Future<Got> early = clients.submit(client(digest, Long.MAX_VALUE));
    upstream.awaitRequests("GET", BLOBS, 1);
    try (Http.Stream late = Http.open(weir.port(), "GET", path(digest))) {
      byte[] buffer = new byte[1 << 16];
      long bytes = 0;
      while (bytes < 5L * MIB) {
        bytes += late.read(buffer);
      }
      assertThat(late.headers().get("cache-status")).isEqualTo("weir; fwd=uri-miss; collapsed");
      goOn.countDown();
      bytes += late.readToEnd().length;
      assertThat(bytes).isEqualTo(size);
    }
    assertThat(early.get().digest()).isEqualTo(digest.toString());
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(1);
  }

  @Test
  void oneHundredClientsForATagCostOneRequest() throws Exception {
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", new byte[100]);
    CountDownLatch goOn = new CountDownLatch(1);
    upstream.on("GET", ".*/manifests/.*").hold(goOn);
    List<Future<Http.Answer>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(clients.submit(() -> Http.get(weir.port(), "/v2/hub/team/app/manifests/v1")));
    }
    upstream.awaitRequests("GET", ".*/manifests/.*", 1);
    goOn.countDown();
    for (Future<Http.Answer> answer : answers) {
      assertThat(answer.get().body()).isEqualTo(image.manifest());
    }
    assertThat(upstream.requests()).hasSize(1);
  }

  @Test
  void aFetchThatAllHaveLeftIsFinished() throws Exception {
    Digest digest = upstream.putRandomBlob(8L * MIB, 3);
    CountDownLatch goOn = new CountDownLatch(1);
    upstream.on("GET", BLOBS).stallAfter(4L * MIB, goOn);
    assertThat(clients.submit(client(digest, MIB)).get().whole()).isFalse();
    goOn.countDown();
    Got later = clients.submit(client(digest, Long.MAX_VALUE)).get();
    assertThat(later.digest()).isEqualTo(digest.toString());
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(1);
  }

  @Test
  void aFetchThatAllHaveLeftIsStoppedWhereTheConfigurationSaysSoAndGoneOnWith() throws Exception {
    weir.close();
    weir = serve(Config.Abandoned.STOP);
    long size = 64L * MIB;
    Digest digest = upstream.putRandomBlob(size, 4);
    upstream.bytesPerSecond(16L * MIB);
    assertThat(clients.submit(client(digest, MIB)).get().whole()).isFalse();
    Instant end = Instant.now().plusSeconds(20);
    while (upstream.openConnections() > 0) {
      assertThat(Instant.now()).as("the connection upstream is dropped").isBefore(end);
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(upstream.bodyBytes()).isLessThan(size);
    upstream.bytesPerSecond(0);
    Got later = clients.submit(client(digest, Long.MAX_VALUE)).get();
    assertThat(later.digest()).isEqualTo(digest.toString());
    assertThat(upstream.requests("GET", BLOBS).getLast().header("range").orElse(""))
        .matches("bytes=[1-9][0-9]*-");
  }
}
