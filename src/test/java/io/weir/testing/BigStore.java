package io.weir.testing;

import static io.weir.testing.StorePulls.bytes;
import static io.weir.testing.StorePulls.digest;
import static io.weir.testing.StorePulls.image;

import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import io.weir.store.Store;
import io.weir.store.Uptime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Fills a store with many small images: real rows, real files, as many pulls would, but not forced
 * to the disk one by one.
 *
 * <p>Image {@code i} is {@code hub/team/app-R:vI}, a hundred in each repository. It has nine blobs
 * of its own, and one that all images share, which is what is hardest to account for.
 */
public final class BigStore {

  /** Blobs of an image, with the shared one. */
  public static final int BLOBS_PER_IMAGE = 10;

  private static final String SHARED = "the layer that all images share";
  private static final int IMAGES_PER_REPOSITORY = 100;
  private static final int IMAGES_PER_FLUSH = 1000;

  private final Path root;
  private final int blobsPerImage;

  private BigStore(Path root, int blobsPerImage) {
    this.root = root;
    this.blobsPerImage = blobsPerImage;
  }

  /** Fills {@code root} with so many images, of which the first was pulled longest ago. */
  public static void fill(Path root, int images) throws IOException {
    fill(root, images, BLOBS_PER_IMAGE);
  }

  /** The same with fewer blobs in each image, where only the images are to be many. */
  public static void fill(Path root, int images, int blobsPerImage) throws IOException {
    BigStore big = new BigStore(root, blobsPerImage);
    try (Store store = Store.open(root, InstantSource.system(), Uptime.ofMachine())) {
      big.write(bytes(SHARED));
      for (int i = 0; i < images; i++) {
        big.put(store, i);
        if (i % IMAGES_PER_FLUSH == 0) {
          store.index().flush();
        }
      }
    }
  }

  private void put(Store store, int number) throws IOException {
    Instant now = Instant.now();
    Origin origin = origin(number);
    byte[] manifest = manifest(number, blobsPerImage);
    Digest digest = write(manifest);
    store.index().putManifest(origin, digest, Manifest.parse(manifest, null), manifest.length, now);
    store.index().putTag(origin, tag(number), digest, now);
    for (String blob : blobs(number, blobsPerImage)) {
      store.index().putBlob(origin, write(bytes(blob)), blob.length(), now);
    }
    store.index().putBlob(origin, digest(bytes(SHARED)), SHARED.length(), now);
  }

  private Digest write(byte[] content) throws IOException {
    Digest digest = digest(content);
    Files.write(root.resolve("blobs/sha256").resolve(digest.hex()), content);
    return digest;
  }

  /** Where image {@code number} is. */
  public static Origin origin(int number) {
    return new Origin("hub", Repository.parse("team/app-" + number / IMAGES_PER_REPOSITORY));
  }

  /** What image {@code number} is called there. */
  public static Tag tag(int number) {
    return new Tag("v" + number);
  }

  /** The manifest of image {@code number}. */
  public static byte[] manifest(int number) {
    return manifest(number, BLOBS_PER_IMAGE);
  }

  private static byte[] manifest(int number, int blobsPerImage) {
    List<String> blobs = blobs(number, blobsPerImage);
    List<String> layers = new ArrayList<>(blobs.subList(1, blobs.size()));
    layers.add(SHARED);
    return image(blobs.getFirst(), layers.toArray(String[]::new));
  }

  /**
   * The blobs that only image {@code number} has, its config first: an odd one is for linux/arm64,
   * the others for linux/amd64.
   */
  public static List<String> blobs(int number) {
    return blobs(number, BLOBS_PER_IMAGE);
  }

  private static List<String> blobs(int number, int blobsPerImage) {
    List<String> blobs = new ArrayList<>();
    blobs.add(
        "{\"os\":\"linux\",\"architecture\":\"%s\",\"comment\":\"image %d\"}"
            .formatted(number % 2 == 0 ? "amd64" : "arm64", number));
    for (int i = 1; i < blobsPerImage - 1; i++) {
      blobs.add("blob %d of image %d".formatted(i, number));
    }
    return blobs;
  }
}
