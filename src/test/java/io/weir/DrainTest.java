package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirProcess;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What SIGTERM does to transfers under way. */
@Timeout(60)
class DrainTest {

  private static final int MIB = 1 << 20;

  /** More than the sockets of both sides can hold, so that the server is still at it. */
  private static final long SIZE_BYTES = 64L * MIB;

  private static final String BLOBS = ".*/blobs/.*";
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration PROMPT = Duration.ofSeconds(5);

  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final Digest digest = upstream.putRandomBlob(SIZE_BYTES, 1);
  private final String path = "/v2/hub/team/app/blobs/" + digest;

  private WeirProcess serve(String grace) {
    return WeirProcess.builder()
        .shortLived()
        .config("registry: {shutdown-grace: %s}%n".formatted(grace))
        .upstream("hub", upstream.url())
        .start();
  }

  @Test
  void aStoredBlobIsSentToItsEnd() throws Exception {
    try (WeirProcess weir = serve("30s")) {
      try (Http.Stream first = Http.open(weir.port(), "GET", path)) {
        assertThat(readToEnd(first, digest.algorithm().newMessageDigest())).isEqualTo(SIZE_BYTES);
      }
      await(
          "it is stored",
          () -> Http.head(weir.port(), path).header("Cache-Status").equals("weir; hit"));

      MessageDigest hash = digest.algorithm().newMessageDigest();
      try (Http.Stream transfer = Http.open(weir.port(), "GET", path)) {
        read(transfer, hash, MIB);
        weir.terminate();
        awaitDraining(weir);

        readToEnd(transfer, hash);

        assertThat(transfer.whole()).isTrue();
      }
      assertThat(digest.algorithm().finish(hash.digest())).isEqualTo(digest);
      assertThat(weir.awaitExit(PROMPT)).isZero();
    }
  }

  @Test
  void aBlobThatIsStillArrivingIsSentToItsEnd() throws Exception {
    try (WeirProcess weir = serve("30s")) {
      CountDownLatch goOn = new CountDownLatch(1);
      upstream.on("GET", BLOBS).stallAfter(2 * MIB, goOn);
      MessageDigest hash = digest.algorithm().newMessageDigest();
      try (Http.Stream transfer = Http.open(weir.port(), "GET", path)) {
        read(transfer, hash, MIB);
        weir.terminate();
        awaitDraining(weir);
        goOn.countDown();

        readToEnd(transfer, hash);

        assertThat(transfer.whole()).isTrue();
      }
      assertThat(digest.algorithm().finish(hash.digest())).isEqualTo(digest);
      assertThat(weir.awaitExit(PROMPT)).isZero();
      assertThat(weir.data().resolve("blobs/sha256").resolve(digest.hex())).hasSize(SIZE_BYTES);
    }
  }

  @Test
  void whileATransferEndsNobodyNewComesInAndIdleConnectionsAreClosed() throws Exception {
    try (WeirProcess weir = serve("30s")) {
      CountDownLatch goOn = new CountDownLatch(1);
      upstream.on("GET", BLOBS).stallAfter(2 * MIB, goOn);
      try (Http.Stream transfer = Http.open(weir.port(), "GET", path);
          Socket idle = new Socket(InetAddress.getLoopbackAddress(), weir.port());
          Socket unused = new Socket(InetAddress.getLoopbackAddress(), weir.port())) {
        send(idle, "/v2/");
        assertThat(readThrough(idle, "\r\n\r\n{}")).startsWith("HTTP/1.1 200");
        read(transfer, digest.algorithm().newMessageDigest(), MIB);
        assertThat(metrics(weir)).contains("\nweir_ready 1.0\n");

        weir.terminate();
        awaitDraining(weir);
        assertThat(metrics(weir)).contains("\nweir_ready 0.0\n");

        assertThat(idle.getInputStream().read()).as("the idle connection").isEqualTo(-1);
        assertThat(unused.getInputStream().read()).as("the unused connection").isEqualTo(-1);
        assertThatThrownBy(() -> Http.get(weir.port(), "/v2/"))
            .isInstanceOf(ConnectException.class);
        assertThat(Http.get(weir.adminPort(), "/healthz").status()).isEqualTo(200);
        assertThat(weir.isRunning()).isTrue();
        goOn.countDown();
        assertThat(transfer.readToEnd()).isNotEmpty();
        assertThat(transfer.whole()).isTrue();
      }
      assertThat(weir.awaitExit(PROMPT)).isZero();
    }
  }

  @Test
  void aClientThatReadsNothingIsCutAfterTheGrace() throws Exception {
    try (WeirProcess weir = serve("1s")) {
      try (Http.Stream transfer = Http.open(weir.port(), "GET", path)) {
        long begun = System.nanoTime();
        weir.terminate();

        assertThat(weir.awaitExit(PROMPT)).isZero();

        assertThat(Duration.ofNanos(System.nanoTime() - begun))
            .isGreaterThan(Duration.ofMillis(900));
        assertThat(transfer.readToEnd()).hasSizeLessThan((int) SIZE_BYTES);
        assertThat(transfer.whole()).isFalse();
      }
    }
  }

  /** A fetch waits half a minute for the next byte; the process must not. */
  @Test
  void anUpstreamThatStallsDoesNotHoldTheExitUp() throws Exception {
    try (WeirProcess weir = serve("100ms")) {
      upstream.on("GET", BLOBS).stallAfter(2 * MIB, new CountDownLatch(1));
      try (Http.Stream transfer = Http.open(weir.port(), "GET", path)) {
        read(transfer, digest.algorithm().newMessageDigest(), MIB);
        weir.terminate();

        assertThat(weir.awaitExit(PROMPT)).isZero();

        transfer.readToEnd();
        assertThat(transfer.whole()).isFalse();
      }
      assertThat(weir.data().resolve("incoming").resolve("sha256-" + digest.hex()))
          .as("what came is kept")
          .hasSize(2 * MIB);
    }
  }

  /** The same with an upstream that accepts the request and says nothing. */
  @Test
  void anUpstreamThatDoesNotAnswerDoesNotHoldTheExitUp() throws Exception {
    try (WeirProcess weir = serve("100ms")) {
      upstream.on("GET", ".*").hold(new CountDownLatch(1));
      try (Socket blob = new Socket(InetAddress.getLoopbackAddress(), weir.port());
          Socket manifest = new Socket(InetAddress.getLoopbackAddress(), weir.port())) {
        send(blob, path);
        send(manifest, "/v2/hub/team/app/manifests/v1");
        upstream.awaitRequests("GET", ".*", 2);
        weir.terminate();

        assertThat(weir.awaitExit(PROMPT)).isZero();
      }
    }
  }

  @Test
  void aSecondSignalEndsItAtOnce() throws Exception {
    try (WeirProcess weir = serve("30s")) {
      try (Http.Stream transfer = Http.open(weir.port(), "GET", path)) {
        weir.terminate();
        awaitDraining(weir);
        weir.terminate();

        assertThat(weir.awaitExit(PROMPT)).isEqualTo(130);
        transfer.readToEnd();
        assertThat(transfer.whole()).isFalse();
      }
    }
  }

  private static String metrics(WeirProcess weir) throws IOException {
    return Http.get(weir.adminPort(), "/metrics").text();
  }

  private static void awaitDraining(WeirProcess weir) {
    await(
        "it says that it is draining",
        () -> {
          Http.Answer answer = weir.readiness();
          return answer.status() == 503 && answer.text().equals("draining\n");
        });
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(String what, Condition condition) {
    long end = System.nanoTime() + LONG.toNanos();
    try {
      while (!condition.holds()) {
        assertThat(System.nanoTime()).as(what).isLessThan(end);
        LockSupport.parkNanos(1_000_000);
      }
    } catch (IOException e) {
      throw new AssertionError(what, e);
    }
  }

  private static void send(Socket socket, String path) throws IOException {
    String request = "GET %s HTTP/1.1\r\nHost: x\r\n\r\n".formatted(path);
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
  }

  private static String readThrough(Socket socket, String end) throws IOException {
    StringBuilder read = new StringBuilder();
    while (read.indexOf(end) < 0) {
      read.append((char) socket.getInputStream().read());
    }
    return read.toString();
  }

  private static long readToEnd(Http.Stream stream, MessageDigest hash) throws IOException {
    return read(stream, hash, Long.MAX_VALUE);
  }

  private static long read(Http.Stream stream, MessageDigest hash, long atLeast)
      throws IOException {
    byte[] buffer = new byte[1 << 16];
    long bytes = 0;
    while (bytes < atLeast) {
      int count = stream.read(buffer);
      if (count < 0) {
        return bytes;
      }
      hash.update(buffer, 0, count);
      bytes += count;
    }
    return bytes;
  }
}
