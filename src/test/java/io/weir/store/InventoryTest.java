package io.weir.store;

import static io.weir.testing.StorePulls.bytes;
import static io.weir.testing.StorePulls.digest;
import static io.weir.testing.StorePulls.image;
import static io.weir.testing.StorePulls.index;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import io.weir.testing.FakeClock;
import io.weir.testing.StoreInvariants;
import io.weir.testing.StorePulls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InventoryTest {

  private static final Origin NGINX = new Origin("docker.io", Repository.parse("library/nginx"));
  private static final Origin MIRROR = new Origin("docker.io", Repository.parse("mirror/nginx"));
  private static final Origin QUAY = new Origin("quay.io", Repository.parse("team/app"));

  @TempDir private Path root;
  private final FakeClock clock = new FakeClock();
  private Store store;
  private Inventory inventory;
  private StorePulls pulls;

  @BeforeEach
  void open() throws IOException {
    store = Store.open(root, clock, clock);
    inventory = store.inventory();
    pulls = new StorePulls(store, clock);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private List<StoredImage> images() {
    return inventory.images(ImageFilter.ALL, null, 1000).images();
  }

  private long blobsOf(String upstream) {
    return inventory.usageByUpstream().getOrDefault(upstream, Usage.NONE).blobs();
  }

  private Removed evict(Digest digest) throws IOException {
    return inventory.evict(false, eviction -> eviction.remove(candidate(eviction, digest)));
  }

  private static Candidate candidate(Eviction eviction, Digest digest) throws IOException {
    return eviction.oldest(null, 1000).stream()
        .filter(image -> image.digest().equals(digest))
        .findFirst()
        .orElseThrow();
  }

  private Set<Digest> files() throws IOException {
    return StoreInvariants.files(root);
  }

  private void checkSound() throws IOException, SQLException {
    store.index().flush();
    StoreInvariants.check(root);
  }

  // What holds.

  @Test
  void anImageGoesWithAllThatIsItsOwn() throws Exception {
    byte[] amd64 = image("config-a", "base", "layer-a");
    byte[] arm64 = image("config-b", "base", "layer-b");
    Digest index = pulls.pull(NGINX, "latest", index(amd64, arm64));
    pulls.putManifest(NGINX, amd64);
    pulls.pull(
        NGINX, "other", image("config-c", "base"), "config-a", "layer-a", "base", "config-c");

    assertThat(images()).hasSize(2);
    StoredImage listed =
        images().stream().filter(image -> image.digest().equals(index)).findFirst().orElseThrow();
    assertThat(listed.tags()).containsExactly(new Tag("latest"));
    assertThat(listed.platforms()).containsExactly("linux/a0");
    assertThat(listed.blobs()).isEqualTo(5);
    assertThat(listed.missing()).isZero();

    Removed removed = evict(index);
    assertThat(removed.freedBlobs()).as("index, manifest, config, layer").isEqualTo(4);
    assertThat(store.index().tag(NGINX, new Tag("latest"))).isEmpty();
    assertThat(files()).contains(digest(bytes("base"))).hasSize(3);
    checkSound();
  }

  /** The first complaint about distribution: its expiry deletes layers that other images use. */
  @Test
  void aSharedLayerStaysUntilItsLastUserLeaves() throws Exception {
    Digest first = pulls.pull(NGINX, "1", image("one", "shared"), "one", "shared");
    Digest second = pulls.pull(QUAY, "2", image("two", "shared"), "two", "shared");
    assertThat(inventory.usage().blobs()).isEqualTo(5);
    assertThat(blobsOf("docker.io")).isEqualTo(3);
    assertThat(blobsOf("quay.io")).isEqualTo(3);

    evict(first);
    assertThat(files()).contains(digest(bytes("shared")), second).hasSize(3);
    assertThat(inventory.usageByUpstream()).containsOnlyKeys("quay.io");
    checkSound();

    evict(second);
    assertThat(files()).isEmpty();
    assertThat(inventory.usage()).isEqualTo(Usage.NONE);
    checkSound();
  }

  /**
   * A layer that only another repository has fetched still belongs to every image that names it.
   */
  @Test
  void aLayerStaysForAnImageThatHasNotFetchedItItself() throws Exception {
    Digest first = pulls.pull(NGINX, "1", image("one", "shared"), "one", "shared");
    pulls.pull(QUAY, "2", image("two", "shared"), "two");
    evict(first);
    assertThat(files()).contains(digest(bytes("shared")));
    checkSound();
  }

  /** A manifest earned by one HEAD brings no document, but is as whole as where it came from. */
  @Test
  void anImageThatTwoRepositoriesShareStaysWholeWhenOneLosesIt() throws Exception {
    byte[] manifest = image("config", "layer");
    byte[] whole = index(manifest);
    Digest digest = pulls.pull(NGINX, "1", whole);
    pulls.putManifest(NGINX, manifest);
    pulls.putBlob(NGINX, "config");
    pulls.putBlob(NGINX, "layer");
    store.index().link(MIRROR, digest);
    store.index().putTag(MIRROR, new Tag("same"), digest, clock.instant());
    store.index().flush();

    Removed removed =
        inventory.evict(
            false,
            eviction ->
                eviction.remove(
                    eviction.oldest(null, 10).stream()
                        .filter(image -> image.origin().equals(NGINX))
                        .findFirst()
                        .orElseThrow()));
    assertThat(removed.freedBytes()).isZero();
    assertThat(images())
        .singleElement()
        .satisfies(image -> {
          assertThat(image.origin()).isEqualTo(MIRROR);
          assertThat(image.blobs()).isEqualTo(4);
          assertThat(image.missing()).isZero();
        });
    checkSound();
  }

  @Test
  void aTaggedManifestOfAnIndexIsAnImageOfItsOwnAndStaysWithTheIndex() throws Exception {
    byte[] manifest = image("config", "layer");
    Digest platform = pulls.pull(NGINX, "1-amd64", manifest, "config", "layer");
    Digest index = pulls.pull(NGINX, "1", index(manifest));
    assertThat(images()).hasSize(2);

    assertThat(evict(platform).freedBlobs()).isZero();
    assertThat(images()).singleElement().satisfies(image -> assertThat(image.blobs()).isEqualTo(4));
    checkSound();
    assertThat(evict(index).freedBlobs()).isEqualTo(4);
    checkSound();
  }

  @Test
  void aPullOfOnePlatformIsAPullOfTheImage() throws Exception {
    byte[] manifest = image("config", "layer");
    Digest index = pulls.pull(NGINX, "1", index(manifest), "config", "layer");
    pulls.putManifest(NGINX, manifest);
    Digest later = pulls.pull(QUAY, "2", image("other"), "other");
    assertThat(order()).containsExactly(index, later);

    clock.advance(Duration.ofMinutes(1));
    store.index().pulled(NGINX, digest(manifest));
    assertThat(order()).as("also before it is written").containsExactly(later, index);
  }

  private List<Digest> order() throws IOException {
    return inventory.evict(true, eviction -> eviction.oldest(null, 100)).stream()
        .map(Candidate::digest)
        .toList();
  }

  @Test
  void aDryRunChangesNothing() throws Exception {
    Digest digest = pulls.pull(NGINX, "1", image("one", "layer"), "one", "layer");
    Set<Digest> before = files();
    Removed would = inventory.evict(true, eviction -> eviction.remove(candidate(eviction, digest)));
    assertThat(would.freedBlobs()).isEqualTo(3);
    assertThat(files()).isEqualTo(before);
    assertThat(images()).hasSize(1);
    checkSound();
  }

  @Test
  void workThatFailsChangesNoRow() throws Exception {
    Digest digest = pulls.pull(NGINX, "1", image("one"), "one");
    assertThatThrownBy(() ->
            inventory.evict(
                true,
                eviction -> {
                  eviction.remove(candidate(eviction, digest));
                  throw new IOException("the disk is on fire");
                }))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("on fire");
    checkSound();
    assertThat(images()).hasSize(1);
  }

  @Test
  void whatNobodyKnowsIsUnclaimedUntilSomebodyPullsIt() throws Exception {
    byte[] manifest = image("config", "layer");
    for (byte[] content : List.of(manifest, bytes("config"), bytes("layer"), bytes("stray"))) {
      store.blobs().put(digest(content), content);
      inventory.adopt(digest(content), content.length, clock.instant());
    }
    store
        .index()
        .putManifest(
            Inventory.UNCLAIMED,
            digest(manifest),
            Manifest.parse(manifest, null),
            manifest.length,
            clock.instant());
    store.index().flush();
    assertThat(images()).extracting(StoredImage::origin).containsOnly(Inventory.UNCLAIMED);
    assertThat(images()).hasSize(2);
    checkSound();

    store.index().link(NGINX, digest(manifest));
    store.index().putTag(NGINX, new Tag("1"), digest(manifest), clock.instant());
    store.index().flush();
    assertThat(images()).hasSize(2);
    assertThat(blobsOf("-")).isEqualTo(1);
    checkSound();
    evict(digest(manifest));
    assertThat(files()).containsExactly(digest(bytes("stray")));
    checkSound();
  }

  @Test
  void aFileThatIsGoneIsNotCounted() throws Exception {
    Digest digest = pulls.pull(NGINX, "1", image("one", "layer"), "one", "layer");
    Files.delete(root.resolve("blobs/sha256").resolve(digest(bytes("layer")).hex()));
    inventory.lost(digest(bytes("layer")));
    store.index().flush();
    assertThat(images())
        .singleElement()
        .satisfies(image -> {
          assertThat(image.digest()).isEqualTo(digest);
          assertThat(image.missing()).isOne();
        });
    checkSound();
  }

  @Test
  void pagesListEachImageOnce() throws Exception {
    for (int i = 0; i < 7; i++) {
      pulls.pull(i % 2 == 0 ? NGINX : QUAY, "v" + i, image("config" + i), "config" + i);
    }
    Set<Digest> seen = new HashSet<>();
    ImagePage page = inventory.images(ImageFilter.ALL, null, 2);
    assertThat(seen.addAll(page.images().stream().map(StoredImage::digest).toList())).isTrue();
    while (page.next().isPresent()) {
      page = inventory.images(ImageFilter.ALL, page.next().get(), 2);
      assertThat(page.images())
          .isNotEmpty()
          .allSatisfy(image -> assertThat(seen.add(image.digest())).isTrue());
    }
    assertThat(seen).hasSize(7);
    assertThat(page.total()).as("also of the last part").isEqualTo(7);
    assertThatThrownBy(() -> inventory.images(ImageFilter.ALL, "nonsense", 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void emptyRepositoriesAreForgotten() throws Exception {
    Digest digest = pulls.pull(NGINX, "1", image("one"), "one");
    store.index().putDocument(NGINX, "tags", bytes("[]"), clock.instant());
    store.index().flush();
    evict(digest);
    inventory.evict(
        false,
        eviction -> {
          eviction.removeEmptyRepositories(clock.instant().minusSeconds(3600));
          return true;
        });
    assertThat(store.index().document(NGINX, "tags")).isPresent();
    inventory.evict(
        false,
        eviction -> {
          eviction.removeEmptyRepositories(clock.instant().plusSeconds(1));
          return true;
        });
    assertThat(store.index().document(NGINX, "tags")).isEmpty();
    checkSound();
  }

  @Test
  void pullsStayInOrderWhenTheClockIsSet() throws Exception {
    Digest first = pulls.pull(NGINX, "1", image("one"), "one");
    clock.jump(Duration.ofDays(-30));
    Digest second = pulls.pull(NGINX, "2", image("two"), "two");
    store.close();
    clock.jump(Duration.ofDays(90));
    open();
    Digest third = pulls.pull(NGINX, "3", image("three"), "three");
    assertThat(order()).containsExactly(first, second, third);
    assertThat(images())
        .allSatisfy(image -> assertThat(image.idle()).isLessThan(Duration.ofHours(1)));
  }

  /** Random pulls and evictions over few names, so that everything is shared with everything. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whateverHappensRowsAndFilesAgree(long seed) throws Exception {
    Random random = new Random(seed);
    List<Origin> origins = List.of(NGINX, MIRROR, QUAY);
    for (int step = 0; step < 150; step++) {
      Origin origin = origins.get(random.nextInt(origins.size()));
      byte[] manifest =
          image("c" + random.nextInt(6), "l" + random.nextInt(5), "l" + random.nextInt(5));
      switch (random.nextInt(8)) {
        case 0, 1 -> pulls.pull(origin, "t" + random.nextInt(4), manifest, "l" + random.nextInt(5));
        case 2 -> {
          byte[] second = image("c" + random.nextInt(6), "l" + random.nextInt(5));
          pulls.pull(origin, "i" + random.nextInt(3), index(manifest, second), "l0", "c1");
          pulls.putManifest(origin, second);
        }
        case 3 -> pulls.putBlob(origin, "l" + random.nextInt(5));
        case 4 -> store.index().link(origin, digest(manifest));
        case 5 -> store.index().removeTag(origin, new Tag("t" + random.nextInt(4)));
        case 6 -> {
          byte[] stray = random.nextBoolean() ? bytes("l" + random.nextInt(5)) : manifest;
          store.blobs().put(digest(stray), stray);
          inventory.adopt(digest(stray), stray.length, clock.instant());
        }
        default -> {
          int which = random.nextInt(3);
          inventory.evict(
              random.nextInt(4) == 0,
              eviction -> {
                List<Candidate> oldest = eviction.oldest(null, 3);
                return oldest.size() > which ? eviction.remove(oldest.get(which)) : oldest;
              });
        }
      }
      if (step % 10 == 0) {
        checkSound();
      }
    }
    inventory.evict(
        false,
        eviction -> {
          for (Candidate image : eviction.oldest(null, 1000)) {
            eviction.remove(image);
          }
          return true;
        });
    checkSound();
    assertThat(order()).isEmpty();
    assertThat(files()).isEmpty();
  }
}
