package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.Operators;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.StoreInvariants;
import io.weir.testing.WeirProcess;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.SmallDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Everything at once, for as long as one likes: clients pull, images are evicted, pinned, collected
 * and scrubbed, the disk is filled and freed, bits flip, the process is killed. No pull that the
 * process lived to answer fails or brings a wrong byte; after each round rows equal files, sums add
 * up, and every image that is listed as whole can be pulled with upstream gone.
 *
 * <p>{@code WEIR_TEST_SOAK_SECONDS} is how long; half a minute without it, and ten minutes before a
 * release.
 */
@RealTest
class SoakTest {

  private static final Duration LENGTH =
      Duration.ofSeconds(
          Long.parseLong(System.getenv().getOrDefault("WEIR_TEST_SOAK_SECONDS", "30")));
  private static final int OPERATIONS_A_ROUND = 25;
  private static final int CLIENTS = 4;
  private static final int IMAGES = 40;
  private static final long DISK_BYTES = 64L << 20;

  @TempDir private Path folder;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

  private final Random random = new Random(11);
  private final List<ScriptedUpstream.Image> images = new ArrayList<>();

  /** Changes with each kill: what a client saw broken across a change is not the server's fault. */
  private final AtomicInteger lives = new AtomicInteger();

  private final AtomicLong pulls = new AtomicLong();
  private volatile boolean isRoundOver;

  @Test
  @Timeout(3600)
  void whateverHappensAllIsWellAfterwards() throws Exception {
    Programs.requireRoot();
    makeImages();
    Instant end = Instant.now().plus(LENGTH);
    int rounds = 0;
    try (SmallDisk disk = SmallDisk.tmpfs(folder.resolve("disk"), DISK_BYTES);
        WeirProcess weir =
            WeirProcess.builder()
                .shortLived()
                .data(disk.path().resolve("store"))
                .config("tags: {refresh: 1s}\nscrub: {verify-on-read: true}\n")
                .upstream("hub", upstream.url())
                .start()) {
      do {
        round(weir, disk);
        check(weir);
        rounds++;
      } while (Instant.now().isBefore(end));
    }
    System.out.printf(
        "soak: %d rounds, %d pulls, %d kills%n", rounds, pulls.get(), lives.get() / 2);
  }

  private void makeImages() {
    List<Digest> bases = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      bases.add(upstream.putRandomBlob(1 << 20, 1000 + i));
    }
    for (int i = 0; i < IMAGES; i++) {
      Digest own = upstream.putRandomBlob(100_000 + random.nextInt(5 << 20), i);
      images.add(upstream.imageOf("team/app" + i % 7, "v" + i, bases.get(i % 5), own));
    }
  }

  // A round.

  private void round(WeirProcess weir, SmallDisk disk) throws Exception {
    isRoundOver = false;
    List<Future<?>> pulling = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      Random order = new Random(random.nextLong());
      pulling.add(
          clients.submit(() -> {
            while (!isRoundOver) {
              pull(weir, (int) (IMAGES * Math.pow(order.nextDouble(), 2)));
            }
            return null;
          }));
    }
    try {
      for (int i = 0; i < OPERATIONS_A_ROUND; i++) {
        operate(weir, disk);
        long before = pulls.get();
        while (pulls.get() < before + 5 && pulling.stream().noneMatch(Future::isDone)) {
          Thread.onSpinWait();
        }
      }
    } finally {
      isRoundOver = true;
    }
    for (Future<?> client : pulling) {
      client.get();
    }
    disk.free();
    new Operators(weir.adminPort()).unpinAll();
  }

  private void operate(WeirProcess weir, SmallDisk disk) throws IOException {
    Operators operators = new Operators(weir.adminPort());
    String repository = "hub/team/app" + random.nextInt(7);
    switch (random.nextInt(10)) {
      case 0, 1 -> operators.evict(repository + ":*");
      case 2 -> operators.evict("hub/**:v" + random.nextInt(IMAGES));
      case 3 -> operators.pin("hub/team/app0:*");
      case 4 -> operators.run("{\"kind\":\"gc\"}");
      case 5 -> operators.run("{\"kind\":\"scrub\",\"repair\":true}");
      case 6, 7 -> disk.fill();
      case 8 -> disk.free();
      default -> kill(weir);
    }
  }

  private void kill(WeirProcess weir) {
    lives.incrementAndGet();
    weir.kill();
    weir.start();
    lives.incrementAndGet();
  }

  /** An image as a client pulls it; once more where the server was killed meanwhile. */
  private void pull(WeirProcess weir, int number) throws IOException {
    ScriptedUpstream.Image image = images.get(number);
    String base = "/v2/hub/team/app" + number % 7;
    int life;
    do {
      life = lives.get();
      try {
        pull(weir.port(), base, "v" + number, image);
      } catch (IOException | AssertionError e) {
        if (life == lives.get() && life % 2 == 0) {
          throw e;
        }
      }
    } while (life != lives.get() || life % 2 == 1);
    pulls.incrementAndGet();
  }

  private static void pull(int port, String base, String tag, ScriptedUpstream.Image image)
      throws IOException {
    Http.Answer manifest = Http.get(port, base + "/manifests/" + tag);
    assertThat(manifest.status()).as(manifest::text).isEqualTo(200);
    assertThat(manifest.body()).isEqualTo(image.manifest());
    for (Digest digest : blobs(image)) {
      Http.Answer blob = Http.get(port, base + "/blobs/" + digest);
      assertThat(blob.status()).as(blob::text).isEqualTo(200);
      assertThat(blob.whole()).as("%s is whole", digest).isTrue();
      assertThat(digest.algorithm().of(blob.body())).isEqualTo(digest);
    }
  }

  private static List<Digest> blobs(ScriptedUpstream.Image image) {
    List<Digest> blobs = new ArrayList<>(image.layers());
    blobs.add(image.config());
    return blobs;
  }

  // What must hold then.

  private void check(WeirProcess weir) throws Exception {
    flipBits(weir.data());
    Operators operators = new Operators(weir.adminPort());
    JsonNode scrub = operators.run("{\"kind\":\"scrub\",\"repair\":true}");
    assertThat(scrub.path("state").asString()).as(scrub::toString).isEqualTo("done");
    weir.stop();
    StoreInvariants.check(weir.data());
    weir.start();

    upstream.goOffline();
    for (JsonNode listed : new Operators(weir.adminPort()).images()) {
      if (listed.path("missing").asLong() == 0 && !listed.path("tags").isEmpty()) {
        String tag = listed.path("tags").get(0).asString();
        int number = Integer.parseInt(tag.substring(1));
        pull(weir.port(), "/v2/hub/team/app" + number % 7, tag, images.get(number));
      }
    }
    upstream.goOnline();
    awaitUpstream(weir);
  }

  /** Waits until the server has found out that upstream is back. */
  private static void awaitUpstream(WeirProcess weir) throws IOException {
    Digest unknown = Digest.Algorithm.SHA256.of(new byte[] {1});
    Instant end = Instant.now().plusSeconds(60);
    while (Http.head(weir.port(), "/v2/hub/team/app0/blobs/" + unknown).status() != 404) {
      assertThat(Instant.now()).as("upstream is asked again").isBefore(end);
    }
  }

  private void flipBits(Path store) throws IOException {
    List<Digest> stored = new ArrayList<>(StoreInvariants.files(store));
    for (int i = 0; i < 3 && !stored.isEmpty(); i++) {
      Digest digest = stored.get(random.nextInt(stored.size()));
      try (FileChannel file =
          FileChannel.open(
              store.resolve("blobs/sha256").resolve(digest.hex()),
              StandardOpenOption.READ,
              StandardOpenOption.WRITE)) {
        ByteBuffer one = ByteBuffer.allocate(1);
        long at = random.nextLong(file.size());
        file.read(one, at);
        one.put(0, (byte) (one.get(0) ^ 1));
        file.write(one.rewind(), at);
      }
    }
  }
}
