package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.Operators;
import io.weir.testing.StoreInvariants;
import io.weir.testing.WeirProcess;
import io.weir.testing.real.Blob;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.RegistriesConf;
import io.weir.testing.real.Skopeo;
import io.weir.testing.real.SmallDisk;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * More images than the disk can hold, pulled in a skewed order, some often and most seldom: no pull
 * fails, the limit is kept, and what is kept is nearly what an ideal cache would keep.
 *
 * <p>{@code WEIR_TEST_WORKLOAD_MIB} is the size of the disk; ten times as much is pulled through
 * it. The results in docs/performance.md are for 1024.
 */
@RealTest
class WorkloadTest {

  private static final long MIB = 1 << 20;
  private static final long DISK_BYTES =
      Long.parseLong(System.getenv().getOrDefault("WEIR_TEST_WORKLOAD_MIB", "128")) * MIB;
  private static final long PULLED_BYTES = 10 * DISK_BYTES;
  private static final String HUB = "registry.example.net";

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int IMAGES = 60;
  private static final int BASES = 6;

  /** Of the disk, what the default configuration lets the store take. */
  private static final double LIMIT = 0.8;

  /** How skewed the pulls are: the exponent of Zipf's law. */
  private static final double SKEW = 0.9;

  @TempDir private Path folder;

  @AutoClose private DockerRegistry upstream;
  @AutoClose private Skopeo skopeo;

  @BeforeEach
  void start() {
    Programs.require("docker-registry", "skopeo");
    Programs.requireRoot();
    upstream = DockerRegistry.started();
    skopeo = new Skopeo();
    makeImages();
  }

  private final Random random = new Random(7);
  private final List<TestImage> images = new ArrayList<>();

  @Test
  @Timeout(3000)
  void theDiskNeverFillsAndNearlyTheBestIsKept() throws Exception {
    IdealCache ideal = new IdealCache((long) (LIMIT * DISK_BYTES));
    long blobs = 0;
    long pulledBytes = 0;
    long mostBytes = 0;
    try (SmallDisk disk = SmallDisk.ext4(folder.resolve("disk"), DISK_BYTES)) {
      Path store = disk.path().resolve("store");
      try (WeirProcess weir = serve(store)) {
        mirror(weir);
        while (pulledBytes < PULLED_BYTES) {
          int number = skewed();
          for (Blob blob : pull(number).blobs()) {
            ideal.pull(blob);
            blobs++;
            pulledBytes += blob.sizeBytes();
          }
          mostBytes = Math.max(mostBytes, bytesIn(store));
        }
      }
      assertThat(mostBytes)
          .as("bytes on the disk")
          .isLessThanOrEqualTo((long) (LIMIT * DISK_BYTES));
      StoreInvariants.check(store);
      assertThat(store.resolve("incoming")).isEmptyDirectory();
    }
    double hits = 1 - (double) fetchedBlobs() / blobs;
    double idealHits = 1 - (double) ideal.misses / blobs;
    System.out.printf(
        "workload: %d MiB through %d MiB, hits %.3f, of an ideal cache %.3f%n",
        pulledBytes / MIB, DISK_BYTES / MIB, hits, idealHits);
    assertThat(idealHits).as("the workload has something to keep").isBetween(0.3, 0.9);
    assertThat(hits).isGreaterThan(idealHits - 0.05);
  }

  @Test
  @Timeout(300)
  void noPullFailsWhileOthersFillTheDiskToTheLastByteAndFreeItAgain() throws Exception {
    try (SmallDisk disk = SmallDisk.tmpfs(folder.resolve("disk"), DISK_BYTES)) {
      pullThrough(
          disk,
          round -> {
            if (round % 10 < 5) {
              disk.free();
            } else {
              disk.fill();
            }
          });
      disk.free();
    }
  }

  @Test
  @Timeout(300)
  void noPullFailsWhileTheDiskIsReadOnlyAndBack() throws Exception {
    try (SmallDisk disk = SmallDisk.ext4(folder.resolve("disk"), DISK_BYTES)) {
      pullThrough(
          disk,
          round -> {
            if (round % 10 == 5) {
              disk.readOnly();
            } else if (round % 10 == 0 && round > 0) {
              disk.writable();
            }
          });
    }
  }

  /** Pulls while {@code trouble} comes and goes, and then checks that all is well again. */
  private void pullThrough(SmallDisk disk, IntConsumer trouble) throws Exception {
    Path store = disk.path().resolve("store");
    try (WeirProcess weir = serve(store)) {
      mirror(weir);
      for (int round = 0; round < 41; round++) {
        trouble.accept(round);
        pull(skewed());
      }
      disk.free();
      pullUntilStored(weir, IMAGES - 1);
      long before = fetchedBlobs();
      pull(IMAGES - 1);
      assertThat(fetchedBlobs()).as("it is stored").isEqualTo(before);
    }
    // What the index could not be told of is found at the next start.
    try (WeirProcess weir = serve(store)) {
      new Operators(weir.adminPort()).awaitReconciled(PATIENCE);
    }
    StoreInvariants.check(store);
    assertThat(store.resolve("incoming")).isEmptyDirectory();
  }

  /** For a second after its last failure the disk is not tried again. */
  private void pullUntilStored(WeirProcess weir, int number) throws IOException {
    Operators operators = new Operators(weir.adminPort());
    String digest = images.get(number).digest().toString();
    Instant end = Instant.now().plus(PATIENCE);
    do {
      assertThat(Instant.now()).as("the image is stored").isBefore(end);
      TestImage _ = pull(number);
    } while (operators.images().stream()
        .noneMatch(listed ->
            listed.path("digest").asString().equals(digest)
                && listed.path("missing").asLong() == 0));
  }

  private TestImage pull(int number) {
    TestImage image = images.get(number);
    assertThat(skopeo.copyAll(HUB + "/team/app:v" + number).digests()).isEqualTo(image.digests());
    return image;
  }

  private WeirProcess serve(Path store) {
    return WeirProcess.builder().data(store).upstream(HUB, upstream.uri()).start();
  }

  private void mirror(WeirProcess weir) {
    skopeo.registries(
        RegistriesConf.empty().mirror(HUB, "127.0.0.1:%d/%s".formatted(weir.port(), HUB)));
  }

  private void makeImages() {
    TestImages make = TestImages.oci();
    // Together three times what the store may take; each base is shared by ten images.
    long meanBytes = (long) (3 * LIMIT * DISK_BYTES / IMAGES);
    List<TestImages.Layer> bases = new ArrayList<>();
    for (int i = 0; i < BASES; i++) {
      bases.add(make.bigLayer(folder.resolve("base" + i), meanBytes));
    }
    for (int i = 0; i < IMAGES; i++) {
      long ownBytes = meanBytes / 2 + random.nextLong(meanBytes);
      TestImage image =
          make.image(
              bases.get(i % BASES),
              make.bigLayer(folder.resolve("layer" + i), ownBytes),
              make.layer(10_000 + random.nextInt(100_000)));
      upstream.push(image, "team/app", "v" + i);
      images.add(image);
    }
  }

  /** A number below the number of images, small ones far more often. */
  private int skewed() {
    double sum = 0;
    for (int i = 1; i <= IMAGES; i++) {
      sum += 1 / Math.pow(i, SKEW);
    }
    double at = random.nextDouble() * sum;
    int number = -1;
    while (at >= 0 && number < IMAGES - 1) {
      number++;
      at -= 1 / Math.pow(number + 1, SKEW);
    }
    return number;
  }

  private long fetchedBlobs() {
    return upstream.requests().stream()
        .filter(request -> request.method().equals("GET") && request.path().contains("/blobs/"))
        .count();
  }

  private static long bytesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .map(Path::toFile)
          .filter(java.io.File::isFile)
          .mapToLong(java.io.File::length)
          .sum();
    }
  }

  /** Keeps the blobs that were pulled last, and always knows at once what to drop. */
  private static final class IdealCache {

    private final long limitBytes;
    private final Map<Blob, Boolean> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long keptBytes;
    private long misses;

    IdealCache(long limitBytes) {
      this.limitBytes = limitBytes;
    }

    void pull(Blob blob) {
      if (kept.put(blob, true) != null) {
        return;
      }
      misses++;
      keptBytes += blob.sizeBytes();
      var oldest = kept.keySet().iterator();
      while (keptBytes > limitBytes) {
        keptBytes -= oldest.next().sizeBytes();
        oldest.remove();
      }
    }
  }
}
