package io.weir.store;

import static io.weir.testing.StorePulls.bytes;
import static io.weir.testing.StorePulls.digest;
import static io.weir.testing.StorePulls.image;
import static io.weir.testing.StorePulls.index;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.oci.Reference;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import io.weir.store.ImageContent.Kind;
import io.weir.store.ImageContent.Piece;
import io.weir.testing.FakeClock;
import io.weir.testing.StorePulls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an image is made of, and who needs that too. */
class ImageContentsTest {

  private static final Origin NGINX = new Origin("docker.io", Repository.parse("library/nginx"));
  private static final Origin MIRROR = new Origin("docker.io", Repository.parse("mirror/nginx"));
  private static final Origin QUAY = new Origin("quay.io", Repository.parse("team/app"));

  @TempDir private Path root;
  private final FakeClock clock = new FakeClock();
  @AutoClose private Store store;
  private Inventory inventory;
  private StorePulls pulls;

  @BeforeEach
  void open() throws IOException {
    store = Store.open(root, clock, clock);
    inventory = store.inventory();
    pulls = new StorePulls(store, clock);
  }

  private ImageContent content(Origin origin, String tag) {
    return content(origin, new Tag(tag));
  }

  private ImageContent content(Origin origin, Reference reference) {
    return inventory.image(origin, reference).orElseThrow();
  }

  private static Piece piece(ImageContent content, byte[] bytes) {
    return content.pieces().stream()
        .filter(piece -> piece.digest().equals(digest(bytes)))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> sharers(Piece piece) {
    return piece.sharers().stream().map(sharer -> sharer.origin() + ":" + sharer.tags()).toList();
  }

  @Test
  void anIndexHasItsManifestsAndTheyWhatTheyNeed() throws IOException {
    byte[] first = image("config-a", "base", "layer-a");
    byte[] second = image("config-b", "base", "layer-b");
    Digest index = pulls.pull(NGINX, "1", index(first, second), "config-a", "base");
    pulls.putManifest(NGINX, first);
    store.index().flush();

    ImageContent content = content(NGINX, "1");

    assertThat(content.image().digest()).isEqualTo(index);
    assertThat(content.pieces())
        .extracting(Piece::digest)
        .containsExactly(
            index,
            digest(first),
            digest(bytes("config-a")),
            digest(bytes("base")),
            digest(bytes("layer-a")),
            digest(second));
    assertThat(content.pieces())
        .extracting(Piece::kind)
        .containsExactly(
            Kind.INDEX, Kind.MANIFEST, Kind.CONFIG, Kind.LAYER, Kind.LAYER, Kind.MANIFEST);
    assertThat(content.pieces())
        .extracting(Piece::isStored)
        .containsExactly(true, true, true, true, false, false);
    assertThat(piece(content, first).platform()).contains("linux/a0");
    assertThat(piece(content, bytes("base")).platform()).contains("linux/a0");
    assertThat(piece(content, second).platform()).contains("linux/a1");
    assertThat(piece(content, second).sizeBytes()).as("as stated").isEqualTo(second.length);
    assertThat(piece(content, bytes("layer-a")).sizeBytes()).isEqualTo("layer-a".length());
    assertThat(content.sharedBytes()).isZero();
    assertThat(content.uniqueBytes()).isEqualTo(content.image().sizeBytes());
  }

  @Test
  void whatOthersNeedIsSharedWhateverTheirRepository() throws IOException {
    pulls.pull(NGINX, "1", image("one", "base", "own"), "one", "base", "own");
    pulls.pull(NGINX, "2", image("two", "base"), "two", "base");
    pulls.pull(QUAY, "3", index(image("three", "base")));
    pulls.putManifest(QUAY, image("three", "base")); // it has not fetched the layer itself
    store.index().flush();

    ImageContent content = content(NGINX, "1");

    Piece base = piece(content, bytes("base"));
    assertThat(base.sharerCount()).isEqualTo(2);
    assertThat(sharers(base))
        .containsExactly("docker.io/library/nginx:[2]", "quay.io/team/app:[3]");
    assertThat(piece(content, bytes("own")).sharerCount()).isZero();
    assertThat(content.sharedBytes()).isEqualTo("base".length());
  }

  @Test
  void twentyWhoShareAreNamedAndAllAreCounted() throws IOException {
    for (int i = 0; i < 30; i++) {
      pulls.pull(NGINX, "v" + i, image("config " + i, "base"), "base");
    }

    Piece base = piece(content(NGINX, "v7"), bytes("base"));

    assertThat(base.sharerCount()).isEqualTo(29);
    assertThat(base.sharers()).hasSize(20);
    assertThat(sharers(base)).doesNotContain("docker.io/library/nginx:[v7]");
  }

  /** Evicting it would only take its tag away. */
  @Test
  void aTaggedManifestOfAnIndexIsSharedWithThatIndex() throws IOException {
    byte[] manifest = image("config", "layer");
    pulls.pull(NGINX, "1-amd64", manifest, "config", "layer");
    pulls.pull(NGINX, "1", index(manifest));

    assertThat(content(NGINX, "1-amd64").uniqueBytes()).isZero();
    assertThat(sharers(piece(content(NGINX, "1"), manifest)))
        .containsExactly("docker.io/library/nginx:[1-amd64]");
  }

  @Test
  void whatIsNotStoredIsNotFound() throws IOException {
    Digest digest = pulls.pull(NGINX, "1", image("one"), "one");

    assertThat(inventory.image(NGINX, new Tag("2"))).isEmpty();
    assertThat(inventory.image(QUAY, new Tag("1"))).isEmpty();
    assertThat(inventory.image(QUAY, digest)).isEmpty();
    assertThat(inventory.image(NGINX, digest)).isPresent();
    Files.delete(root.resolve("blobs/sha256").resolve(digest.hex()));
    inventory.lost(digest);
    store.index().flush();
    assertThat(inventory.image(NGINX, digest)).isEmpty();
  }

  @Test
  void aStrayBlobIsALayerByItself() throws IOException {
    Digest blob = pulls.putBlob(NGINX, "stray");
    store.index().flush();

    assertThat(content(NGINX, blob).pieces())
        .singleElement()
        .satisfies(piece -> assertThat(piece.kind()).isEqualTo(Kind.LAYER));
  }

  /** The promise of {@code uniqueBytes}, over few names, so that much is shared. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void uniqueIsWhatEvictingFrees(long seed) throws Exception {
    Random random = new Random(seed);
    List<Origin> origins = List.of(NGINX, MIRROR, QUAY);
    for (int i = 0; i < 40; i++) {
      Origin origin = origins.get(random.nextInt(origins.size()));
      String[] layers = {"l" + random.nextInt(9), "layer " + random.nextInt(9)};
      byte[] manifest = image("c" + random.nextInt(9), layers);
      if (random.nextBoolean()) {
        pulls.pull(origin, "t" + i, manifest, layers);
      } else {
        pulls.pull(origin, "t" + i, index(manifest, image("c" + i)), layers[random.nextInt(2)]);
        if (random.nextBoolean()) {
          pulls.putManifest(origin, manifest);
        }
      }
    }
    store.index().flush();
    for (StoredImage image : inventory.images(ImageFilter.ALL, null, 1000).images()) {
      ImageContent content = content(image.origin(), image.digest());
      long freed =
          inventory
              .evict(
                  true,
                  eviction ->
                      eviction.remove(
                          eviction.oldest(null, 1000).stream()
                              .filter(one -> one.origin().equals(image.origin()))
                              .filter(one -> one.digest().equals(image.digest()))
                              .findFirst()
                              .orElseThrow()))
              .freedBytes();
      assertThat(content.uniqueBytes()).as(image.toString()).isEqualTo(freed);
      assertThat(content.uniqueBytes() + content.sharedBytes())
          .as(image.toString())
          .isEqualTo(image.sizeBytes());
    }
  }
}
