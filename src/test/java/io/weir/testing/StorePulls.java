package io.weir.testing;

import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.MediaType;
import io.weir.oci.Origin;
import io.weir.oci.Tag;
import io.weir.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What pulls do to a store, without a registry: small images are put into it as a fetch would. A
 * blob is named by its content, a text.
 */
public final class StorePulls {

  private final Store store;
  private final FakeClock clock;

  public StorePulls(Store store, FakeClock clock) {
    this.store = store;
    this.clock = clock;
  }

  /** A blob's content. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** What it hashes to. */
  public static Digest digest(byte[] content) {
    return Digest.Algorithm.SHA256.of(content);
  }

  /** The manifest of an image of these blobs. */
  public static byte[] image(String config, String... layers) {
    String descriptors =
        Arrays.stream(layers)
            .map(layer ->
                "{\"digest\":\"%s\",\"size\":%d}".formatted(digest(bytes(layer)), layer.length()))
            .collect(Collectors.joining(","));
    return bytes(
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d},\"layers\":[%s]}"
            .formatted(
                MediaType.OCI_MANIFEST,
                MediaType.OCI_CONFIG,
                digest(bytes(config)),
                config.length(),
                descriptors));
  }

  /** The index of these images, one for each of the platforms linux/a0, linux/a1, … */
  public static byte[] index(byte[]... images) {
    List<String> descriptors = new ArrayList<>();
    for (byte[] image : images) {
      descriptors.add(
          "{\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"linux\",\"architecture\":\"a%d\"}}"
              .formatted(digest(image), image.length, descriptors.size()));
    }
    return bytes(
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
            .formatted(MediaType.OCI_INDEX, String.join(",", descriptors)));
  }

  /** A client pulled a manifest, by its digest. */
  public Digest putManifest(Origin origin, byte[] manifest) throws IOException {
    Digest digest = digest(manifest);
    store.blobs().put(digest, manifest);
    store
        .index()
        .putManifest(
            origin, digest, Manifest.parse(manifest, null), manifest.length, clock.instant());
    store.index().pulled(origin, digest);
    return digest;
  }

  /** A client pulled a blob. */
  public Digest putBlob(Origin origin, String content) throws IOException {
    Digest digest = digest(bytes(content));
    store.blobs().put(digest, bytes(content));
    store.index().putBlob(origin, digest, content.length(), clock.instant());
    store.index().pulled(origin, digest);
    return digest;
  }

  /** A client pulled a manifest by a tag, and blobs. A minute passes, and all is written. */
  public Digest pull(Origin origin, String tag, byte[] manifest, String... blobs)
      throws IOException {
    Digest digest = putManifest(origin, manifest);
    store.index().putTag(origin, Tag.parse(tag), digest, clock.instant());
    for (String blob : blobs) {
      putBlob(origin, blob);
    }
    clock.advance(Duration.ofMinutes(1));
    store.index().flush();
    return digest;
  }
}
