package io.weir.testing.real;

import io.weir.oci.Digest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An image for one platform, or an index of such images. Made by {@link TestImages}.
 *
 * @param architecture as Go names it, such as {@code amd64}; empty for an index
 * @param manifest the manifest or the index
 * @param config empty for an index
 * @param layers empty for an index
 * @param images empty but for an index
 */
public record TestImage(
    String architecture,
    Blob manifest,
    Optional<Blob> config,
    List<Blob> layers,
    List<TestImage> images) {

  public TestImage {
    layers = List.copyOf(layers);
    images = List.copyOf(images);
  }

  /** The digest of the manifest or index: what a tag of it stands for. */
  public Digest digest() {
    return manifest.digest();
  }

  /** The image's digest at Docker and podman: that of its config. */
  public Digest id() {
    return config.orElseThrow().digest();
  }

  /** The one that a client of the architecture pulls: itself, unless this is an index. */
  public TestImage on(String wanted) {
    return Stream.concat(Stream.of(this), images.stream())
        .filter(image -> image.architecture.equals(wanted))
        .findFirst()
        .orElseThrow();
  }

  /** The one that a client on this machine pulls. */
  public TestImage here() {
    return on(TestImages.architecture());
  }

  /** All configs and layers, of all platforms, each once. */
  public List<Blob> blobs() {
    Map<Digest, Blob> distinct = new LinkedHashMap<>();
    images.forEach(image -> image.blobs().forEach(blob -> distinct.put(blob.digest(), blob)));
    config.ifPresent(blob -> distinct.put(blob.digest(), blob));
    layers.forEach(blob -> distinct.put(blob.digest(), blob));
    return List.copyOf(distinct.values());
  }

  /** All manifests, those of the platforms before the index. */
  public List<Blob> manifests() {
    List<Blob> all = new ArrayList<>();
    images.forEach(image -> all.addAll(image.manifests()));
    all.add(manifest);
    return all;
  }

  /** The digests of everything. */
  public Set<Digest> digests() {
    return Stream.concat(manifests().stream(), blobs().stream())
        .map(Blob::digest)
        .collect(Collectors.toUnmodifiableSet());
  }
}
