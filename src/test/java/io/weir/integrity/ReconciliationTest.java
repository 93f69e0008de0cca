package io.weir.integrity;

import static io.weir.testing.StorePulls.bytes;
import static io.weir.testing.StorePulls.digest;
import static io.weir.testing.StorePulls.image;
import static io.weir.testing.StorePulls.index;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.metrics.Metrics;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import io.weir.store.ImageFilter;
import io.weir.store.Inventory;
import io.weir.store.Store;
import io.weir.store.StoredImage;
import io.weir.store.Usage;
import io.weir.testing.FakeClock;
import io.weir.testing.StoreInvariants;
import io.weir.testing.StorePulls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReconciliationTest {

  private static final Origin APP = new Origin("hub", Repository.parse("team/app"));

  @TempDir private Path root;
  private final FakeClock clock = new FakeClock();
  private final FakeStopwatch stopwatch = new FakeStopwatch();
  private Store store;
  private StorePulls pulls;

  @BeforeEach
  void open() throws IOException {
    store = Store.open(root, clock, clock);
    pulls = new StorePulls(store, clock);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private ReconciliationResult reconcile() throws Exception {
    ReconciliationResult result =
        new Reconciliation(store, clock, new Metrics("test"), stopwatch).run(new Cancellation());
    store.index().flush();
    StoreInvariants.check(root);
    assertThat(result.isComplete()).isTrue();
    return result;
  }

  private Path file(Digest digest) {
    return root.resolve("blobs/sha256").resolve(digest.hex());
  }

  private List<StoredImage> images() {
    return store.inventory().images(ImageFilter.ALL, null, 1000).images();
  }

  @Test
  void aStoreThatIsWellStaysAsItIs() throws Exception {
    pulls.pull(APP, "1", image("config", "layer"), "config", "layer");
    Usage before = store.inventory().usage();
    ReconciliationResult result = reconcile();
    assertThat(result.isClean()).isTrue();
    assertThat(store.inventory().usage()).isEqualTo(before);
  }

  @Test
  void filesThatAreGoneAreKnownToBeGone() throws Exception {
    pulls.pull(APP, "1", image("config", "layer"), "config", "layer");
    Files.delete(file(digest(bytes("layer"))));
    assertThat(reconcile().lost()).isEqualTo(1);
    assertThat(images()).singleElement().satisfies(image -> assertThat(image.missing()).isOne());
  }

  @Test
  void aFolderOfBlobsThatIsGoneLeavesNothingCounted() throws Exception {
    pulls.pull(APP, "1", image("config", "layer"), "config", "layer");
    for (Digest digest : StoreInvariants.files(root)) {
      Files.delete(file(digest));
    }
    Files.delete(root.resolve("blobs/sha512"));
    assertThat(reconcile().lost()).isEqualTo(3);
    assertThat(store.inventory().usage()).isEqualTo(Usage.NONE);
  }

  @Test
  void filesOfAnotherLengthAreSetAside() throws Exception {
    pulls.pull(APP, "1", image("config", "layer"), "config", "layer");
    Digest layer = digest(bytes("layer"));
    Files.write(file(layer), bytes("a longer layer"));
    assertThat(reconcile().damaged())
        .singleElement()
        .satisfies(damage -> {
          assertThat(damage.digest()).isEqualTo(layer);
          assertThat(damage.reason()).isEqualTo("it has 14 bytes instead of 5");
          assertThat(damage.isMended()).isFalse();
        });
    assertThat(root.resolve("quarantine/sha256-" + layer.hex())).exists();
  }

  @Test
  void filesWithoutRowsAreTakenInWithWhatBelongsTogether() throws Exception {
    byte[] manifest = image("config", "layer");
    byte[] index = index(manifest);
    byte[] likeAManifest = bytes("{\"config\":{\"Cmd\":[\"sh\"]},\"rootfs\":{}}");
    for (byte[] content :
        List.of(index, manifest, bytes("config"), bytes("layer"), likeAManifest, bytes("{"))) {
      store.blobs().put(digest(content), content);
    }
    assertThat(reconcile().adopted()).isEqualTo(6);
    assertThat(images()).extracting(StoredImage::origin).containsOnly(Inventory.UNCLAIMED);
    assertThat(images())
        .extracting(StoredImage::digest)
        .containsExactlyInAnyOrder(digest(index), digest(likeAManifest), digest(bytes("{")));
    assertThat(images())
        .filteredOn(image -> image.digest().equals(digest(index)))
        .singleElement()
        .satisfies(image -> assertThat(image.blobs()).isEqualTo(4));
    assertThat(reconcile().isClean()).isTrue();
  }

  @Test
  void whatIsTakenInGoesBackToWhoeverHasShownIt() throws Exception {
    byte[] manifest = image("config", "layer");
    store.index().link(APP, digest(manifest));
    store.blobs().put(digest(manifest), manifest);
    assertThat(reconcile().adopted()).isEqualTo(1);
    assertThat(images()).extracting(StoredImage::origin).containsExactly(APP);
  }

  @Test
  void aLostIndexFindsItsImagesAgain() throws Exception {
    pulls.pull(APP, "1", image("config", "layer"), "config", "layer");
    store.close();
    for (String name : List.of("index.db", "index.db-wal", "index.db-shm", "index.json")) {
      Files.deleteIfExists(root.resolve(name));
    }
    open();
    assertThat(reconcile().adopted()).isEqualTo(3);
    assertThat(images()).extracting(StoredImage::origin).containsExactly(Inventory.UNCLAIMED);

    pulls.pull(APP, "1", image("config", "layer"));
    assertThat(images()).extracting(StoredImage::origin).containsExactly(APP);
    assertThat(images().getFirst().blobs()).isEqualTo(3);
    assertThat(store.index().tag(APP, new Tag("1"))).isPresent();
    assertThat(reconcile().isClean()).isTrue();
  }

  @Test
  void strangersStayAndLeftoversGo() throws Exception {
    Path stranger = root.resolve("blobs/sha512/README");
    Files.writeString(stranger, "what is this?");
    Path partial = root.resolve("incoming/sha256-" + digest(bytes("partial")).hex());
    Path young = root.resolve("incoming/sha256-" + digest(bytes("young")).hex());
    Files.write(partial, bytes("part"));
    Files.write(young, bytes("you"));
    Files.setLastModifiedTime(partial, FileTime.from(Instant.now().minus(Duration.ofHours(25))));
    Path damaged = root.resolve("quarantine/sha256-" + digest(bytes("damaged")).hex());
    Files.createDirectories(damaged.getParent());
    Files.write(damaged, bytes("damage"));
    Files.setLastModifiedTime(damaged, FileTime.from(Instant.now().minus(Duration.ofDays(8))));

    ReconciliationResult result = reconcile();
    assertThat(result.strangers()).isEqualTo(1);
    assertThat(result.spareBytes()).isEqualTo(4 + 6);
    assertThat(stranger).exists();
    assertThat(young).exists();
    assertThat(partial).doesNotExist();
    assertThat(damaged).doesNotExist();
  }

  @Test
  void itRestsFourTimesAsLongAsItWorks() throws Exception {
    pulls.pull(APP, "1", image("config", "layer"), "config", "layer");
    stopwatch.tick(1_000_000); // only readings take time: each batch has one at its end
    long[] paused = {0};
    stopwatch.whilePaused(() -> paused[0]++);
    ReconciliationResult result = reconcile();
    assertThat(paused[0]).as("a batch of rows, a batch of files").isEqualTo(2);
    assertThat(result.took()).isGreaterThanOrEqualTo(Duration.ofMillis(2 * 4));
  }

  /** Pulls, which put a file first and a row then, go on beside it. */
  @Test
  void pullsBesideItAreNeverHarmed() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    Thread puller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                for (int i = 0; i < 200; i++) {
                  pulls.pull(APP, "v" + i, image("c" + i, "l" + i, "shared"), "c" + i, "l" + i);
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              } finally {
                done.countDown();
              }
            });
    Reconciliation reconciliation =
        new Reconciliation(store, clock, new Metrics("test"), stopwatch);
    while (done.getCount() > 0) {
      ReconciliationResult result = reconciliation.run(new Cancellation());
      assertThat(result.damaged()).isEmpty();
      assertThat(result.lost()).isZero();
    }
    puller.join();
    assertThat(reconcile().isClean()).isTrue();
    assertThat(images()).hasSize(200);
    assertThat(images()).extracting(StoredImage::origin).containsOnly(APP);
    assertThat(images()).allSatisfy(image -> assertThat(image.tags()).hasSize(1));
  }

  @Test
  void closingItEndsItAtOnce() throws Exception {
    pulls.pull(APP, "1", image("config", "layer"), "config", "layer");
    CountDownLatch resting = new CountDownLatch(1);
    Reconciliation reconciliation =
        new Reconciliation(
            store,
            clock,
            new Metrics("test"),
            new Stopwatch() {
              @Override
              public long nanos() {
                return 0;
              }

              @Override
              public void pause(long nanos, Cancellation cancellation) {
                resting.countDown();
                cancellation.await(TimeUnit.HOURS.toNanos(1));
              }
            });
    reconciliation.start();
    resting.await();
    reconciliation.close();
    assertThat(reconciliation.last().orElseThrow().isComplete()).isFalse();
  }
}
