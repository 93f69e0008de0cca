package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirProcess;
import io.weir.testing.real.SmallDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the process needs while many clients stream blobs of 1 GiB from it. */
@Timeout(120)
class MemoryTest {

  private static final long MIB = 1 << 20;
  private static final long BLOB_BYTES = 1024 * MIB;

  /**
   * What most clients read before they stop; from then on all buffers on the way to them are full.
   */
  private static final long SHARE_BYTES = 2 * MIB;

  /**
   * The pages of the files that are sent are the kernel's, and do not count. It was 170 MiB when
   * this was written.
   */
  private static final long RESIDENT_BYTES_MAX = 256 * MIB;

  /**
   * Past a full disk every byte goes through the heap, which is therefore full before it is
   * collected. It was 382 MiB with 100 streams, and 392 MiB with 200.
   */
  private static final long RESIDENT_PASSING_BYTES_MAX = 450 * MIB;

  @TempDir private Path folder;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @Test
  void aThousandStreamsOfAGibibyteNeedLittle() throws Exception {
    Digest stored = upstream.putRandomBlob(BLOB_BYTES, 1);
    List<Digest> cold =
        List.of(upstream.putRandomBlob(BLOB_BYTES, 2), upstream.putRandomBlob(BLOB_BYTES, 3));
    try (WeirProcess weir =
        WeirProcess.builder()
            .config("cache: {abandoned: stop}\n")
            .upstream("hub", upstream.url())
            .start()) {
      new Crowd(1, weir).client(stored).readAll();
      // Of each kind one client reads all, the first.
      Crowd crowd = new Crowd(1000, weir);
      crowd.stream(i -> i % 2 == 0 ? stored : cold.get(i / 2 % cold.size()), 2);
      crowd.endWithin(RESIDENT_BYTES_MAX);
    }
  }

  @Test
  @Tag("real")
  void oneHundredStreamsPastAFullDiskFitIntoASmallHeap() throws Exception {
    Digest digest = upstream.putRandomBlob(BLOB_BYTES, 4);
    try (SmallDisk disk = SmallDisk.tmpfs(folder.resolve("data"), 32 * MIB);
        WeirProcess weir =
            WeirProcess.builder()
                .jvm("-Xmx256m")
                .data(disk.path())
                .config(
                    "upstreams: {hub: {url: '%s', connections: 140}}\n".formatted(upstream.url()))
                .start()) {
      disk.fill();
      Crowd crowd = new Crowd(100, weir);
      crowd.stream(_ -> digest, 1);
      crowd.endWithin(RESIDENT_PASSING_BYTES_MAX);
    }
  }

  /** Clients of one server, at the same time. */
  private final class Crowd {

    private final int size;
    private final WeirProcess weir;
    private final CountDownLatch streaming;
    private final CountDownLatch haveShare;
    private final CountDownLatch measured = new CountDownLatch(1);

    Crowd(int size, WeirProcess weir) {
      this.size = size;
      this.weir = weir;
      this.streaming = new CountDownLatch(size);
      this.haveShare = new CountDownLatch(size);
    }

    Client client(Digest digest) {
      return new Client(this, digest);
    }

    /** Streams to all at the same time; the first {@code readers} read to the end. */
    void stream(IntFunction<Digest> digests, int readers) throws Exception {
      long before = weir.memoryBytes("VmRSS");
      List<Future<?>> clients = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        Client client = client(digests.apply(i));
        boolean readsAll = i < readers;
        clients.add(
            threads.submit(() -> {
              client.readWithTheOthers(readsAll);
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
      System.out.printf(
          "MemoryTest: resident before %d MiB, with %d streams %d MiB%n",
          before / MIB, size, together / MIB);
    }

    /** Ends the server, which has never needed more than {@code bytes}. */
    void endWithin(long bytes) throws IOException, InterruptedException {
      long peak = weir.memoryBytes("VmHWM");
      System.out.printf("MemoryTest: resident at most %d MiB%n", peak / MIB);
      assertThat(peak).isLessThan(bytes);
      assertThat(weir.readiness().status()).isEqualTo(200);
      weir.terminate();
      assertThat(weir.awaitExit(Duration.ofSeconds(10))).isZero();
    }
  }

  private static final class Client {

    private final Crowd crowd;
    private final Digest digest;
    private final byte[] buffer = new byte[1 << 16];

    Client(Crowd crowd, Digest digest) {
      this.crowd = crowd;
      this.digest = digest;
    }

    private Http.Stream open() throws IOException {
      Http.Stream stream = Http.open(crowd.weir.port(), "GET", "/v2/hub/team/app/blobs/" + digest);
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
        crowd.streaming.countDown();
        crowd.streaming.await();
        read(stream, hash, SHARE_BYTES, readsAll);
        crowd.haveShare.countDown();
        crowd.measured.await();
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
