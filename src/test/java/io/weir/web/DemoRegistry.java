package io.weir.web;

import io.weir.oci.Digest;
import io.weir.oci.MediaType;
import io.weir.testing.ScriptedUpstream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Fills a registry with what looks like images that people know: of their names, platforms and
 * sizes, with layers that they share. What is in them is noise.
 */
final class DemoRegistry {

  private static final int KIB = 1 << 10;

  private final ScriptedUpstream upstream;
  private long seed;

  DemoRegistry(ScriptedUpstream upstream) {
    this.upstream = upstream;
  }

  /** A layer to share. */
  Digest layer(long sizeKib) {
    seed++;
    return upstream.putRandomBlob(sizeKib * KIB, seed);
  }

  /**
   * An image for linux/amd64 and linux/arm64, with an index above both.
   *
   * @param base what it shares with others, for each platform the same
   * @param layersKib how large its own layers are
   */
  void image(String repository, String tag, List<Digest> base, long... layersKib) {
    List<String> entries = new ArrayList<>();
    for (String architecture : List.of("amd64", "arm64")) {
      List<Digest> layers = new ArrayList<>(base);
      for (long kib : layersKib) {
        layers.add(layer(kib));
      }
      byte[] manifest = manifest(repository, config(repository, tag, architecture), layers);
      Digest digest = upstream.putManifest(repository, manifest, MediaType.OCI_MANIFEST);
      entries.add(
          "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}}"
              .formatted(MediaType.OCI_MANIFEST, digest, manifest.length, architecture));
    }
    String index =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
            .formatted(MediaType.OCI_INDEX, String.join(",", entries));
    upstream.tag(
        repository,
        tag,
        upstream.putManifest(
            repository, index.getBytes(StandardCharsets.UTF_8), MediaType.OCI_INDEX));
  }

  private static byte[] config(String repository, String tag, String architecture) {
    return "{\"architecture\":\"%s\",\"os\":\"linux\",\"created_by\":\"%s:%s\"}"
        .formatted(architecture, repository, tag)
        .getBytes(StandardCharsets.UTF_8);
  }

  private byte[] manifest(String repository, byte[] config, List<Digest> layers) {
    Digest digest = upstream.putBlob(repository, config);
    List<String> descriptors =
        layers.stream()
            .map(layer ->
                "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"%s\",\"size\":%d}"
                    .formatted(layer, upstream.sizeBytes(layer)))
            .toList();
    return """
    {"schemaVersion":2,"mediaType":"%s","layers":[%s],
     "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d}}\
    """
        .formatted(MediaType.OCI_MANIFEST, String.join(",", descriptors), digest, config.length)
        .getBytes(StandardCharsets.UTF_8);
  }
}
