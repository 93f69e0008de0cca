package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirProcess;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the process needs while 200 clients stream blobs of 1 GiB from it. */
@Timeout(120)
class MemoryTest {

  private static final long MIB = 1 << 20;
  private static final long BLOB_BYTES = 1024 * MIB;
  private static final int CLIENTS = 200;

  /** What most clients read before they leave; more than all buffers on the way hold. */
  private static final long SHARE_BYTES = 32 * MIB;

  /**
   * Of this the heap may take 256 MiB before it is collected; code, its metadata, threads and
   * buffers take the rest. The pages of the files that are sent are the kernel's. It was 243 MiB
   * when this was written.
   */
  private static final long RESIDENT_BYTES_MAX = 400 * MIB;

  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private final CountDownLatch streaming = new CountDownLatch(CLIENTS);
  private final CountDownLatch haveShare = new CountDownLatch(CLIENTS);
  private final CountDownLatch measured = new CountDownLatch(1);

  @Test
  void twoHundredStreamsOfAGibibyteFitIntoASmallHeap() throws Exception {
    Digest stored = upstream.putRandomBlob(BLOB_BYTES, 1);
    List<Digest> cold =
        List.of(upstream.putRandomBlob(BLOB_BYTES, 2), upstream.putRandomBlob(BLOB_BYTES, 3));
    try (WeirProcess weir =
        WeirProcess.builder()
            .jvm("-Xmx256m")
            .config("cache: {abandoned: stop}\n")
            .upstream("hub", upstream.url())
            .start()) {
      new Client(weir, stored).readAll();
      long afterOne = weir.memoryBytes("VmRSS");

      List<Future<?>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Digest digest = i % 2 == 0 ? stored : cold.get(i / 2 % cold.size());
        // Of each blob one client reads all, the first.
        boolean readsAll = i == 0 || i == 1;
        clients.add(
            threads.submit(() -> {
              new Client(weir, digest).readWithTheOthers(readsAll);
              return null;
            }));
      }
      boolean isShared = haveShare.await(60, TimeUnit.SECONDS);
      for (Future<?> client : clients) {
        if (client.isDone()) {
          client.get(); // it has failed, and says why
        }
      }
      assertThat(isShared).as("every client has had its share").isTrue();
      long together = weir.memoryBytes("VmRSS");
      measured.countDown();
      for (Future<?> client : clients) {
        client.get();
      }
      long peak = weir.memoryBytes("VmHWM");
      System.out.printf(
          "MemoryTest: resident after one stream %d MiB, with %d streams %d MiB, at most %d MiB%n",
          afterOne / MIB, CLIENTS, together / MIB, peak / MIB);
      assertThat(peak).isLessThan(RESIDENT_BYTES_MAX);
      assertThat(weir.readiness().status()).isEqualTo(200);
      weir.terminate();
      assertThat(weir.awaitExit(Duration.ofSeconds(10))).isZero();
    }
  }

  private final class Client {

    private final WeirProcess weir;
    private final Digest digest;
    private final byte[] buffer = new byte[1 << 16];

    Client(WeirProcess weir, Digest digest) {
      this.weir = weir;
      this.digest = digest;
    }

    private Http.Stream open() throws IOException {
      Http.Stream stream = Http.open(weir.port(), "GET", "/v2/hub/team/app/blobs/" + digest);
      assertThat(stream.status()).isEqualTo(200);
      return stream;
    }

    void readAll() throws IOException {
      try (Http.Stream stream = open()) {
        assertWhole(stream, digest.algorithm().newMessageDigest());
      }
    }

    /** Goes on when all are streaming, and again when all have had their share. */
    void readWithTheOthers(boolean readsAll) throws IOException, InterruptedException {
      MessageDigest hash = digest.algorithm().newMessageDigest();
      try (Http.Stream stream = open()) {
        read(stream, hash, MIB, readsAll);
        streaming.countDown();
        streaming.await();
        read(stream, hash, SHARE_BYTES, readsAll);
        haveShare.countDown();
        measured.await();
        if (readsAll) {
          assertWhole(stream, hash);
        }
      }
    }

    private void read(Http.Stream stream, MessageDigest hash, long atLeast, boolean hashes)
        throws IOException {
      long bytes = 0;
      while (bytes < atLeast) {
        int count = stream.read(buffer);
        assertThat(count).as("a piece of a running stream").isPositive();
        if (hashes) {
          hash.update(buffer, 0, count);
        }
        bytes += count;
      }
    }

    private void assertWhole(Http.Stream stream, MessageDigest hash) throws IOException {
      for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
        hash.update(buffer, 0, count);
      }
      assertThat(stream.whole()).isTrue();
      assertThat(digest.algorithm().finish(hash.digest())).isEqualTo(digest);
    }
  }
}
