package io.weir.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a cache has to know of a manifest: its type, and what it points at. The manifest itself
 * stays the bytes that upstream sent; nothing here writes one.
 *
 * @param mediaType the type to serve it under
 * @param config the config among the children, where there is one
 * @param children the config and layers of an image, the manifests of an index, the blobs of an
 *     artifact, in the document's order; without those whose digest has an algorithm that cannot be
 *     verified here
 * @param subject the manifest that this one refers to, if any
 * @param artifactType what the manifest says it is: its {@code artifactType}, else its config's
 *     media type; empty where it says neither
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md">image-spec
 *     1.1.1, manifests</a>
 */
public record Manifest(
    String mediaType,
    Optional<Descriptor> config,
    List<Descriptor> children,
    Optional<Descriptor> subject,
    String artifactType) {

  /**
   * The largest manifest that is accepted, in bytes: the limit of containers/image and, within 5 %,
   * of containerd.
   */
  public static final int SIZE_BYTES_MAX = 4 << 20;

  private static final JsonMapper JSON = JsonMapper.shared();

  public Manifest {
    children = List.copyOf(children);
  }

  /** Whether this is an index: its children are manifests, not blobs. */
  public boolean isIndex() {
    return MediaType.isIndex(mediaType);
  }

  /** The config of a container image, which says what that runs on. */
  public Optional<Descriptor> imageConfig() {
    return config.filter(some -> MediaType.isImageConfig(some.mediaType()));
  }

  /**
   * Reads a manifest.
   *
   * <p>The type is the document's own {@code mediaType}; where it has none, the {@code
   * Content-Type} it came with, if that is a manifest type; else what its members show. Registries
   * disagree on the header far more often than on the document.
   *
   * @param content the document
   * @param contentType the {@code Content-Type} it came with, or null
   * @throws OciException {@code MANIFEST_INVALID} where it is no JSON object, is Docker's schema 1,
   *     or has a malformed descriptor
   */
  public static Manifest parse(byte[] content, @Nullable String contentType) {
    JsonNode root;
    try {
      root = JSON.readTree(content);
    } catch (JacksonException e) {
      throw new OciException(ErrorCode.MANIFEST_INVALID, "the manifest is not JSON", e);
    }
    if (!root.isObject()) {
      throw new OciException(ErrorCode.MANIFEST_INVALID, "the manifest is not a JSON object");
    }
    if (root.path("schemaVersion").asInt(0) == 1) {
      throw new OciException(
          ErrorCode.MANIFEST_INVALID, "Docker schema 1 manifests are not supported");
    }
    String mediaType = detectType(root, contentType);
    List<Descriptor> children = new ArrayList<>();
    Optional<Descriptor> config = descriptor(root.path("config"));
    config.ifPresent(children::add);
    for (String list : List.of("layers", "manifests", "blobs")) {
      for (JsonNode node : root.path(list)) {
        descriptor(node).ifPresent(children::add);
      }
    }
    String artifactType = root.path("artifactType").asString("");
    if (artifactType.isEmpty()) {
      artifactType = root.path("config").path("mediaType").asString("");
    }
    return new Manifest(
        mediaType, config, children, descriptor(root.path("subject")), artifactType);
  }

  private static String detectType(JsonNode root, @Nullable String contentType) {
    String stated = MediaType.essence(root.path("mediaType").asString(""));
    if (!stated.isEmpty()) {
      return stated;
    }
    String essence = contentType == null ? "" : MediaType.essence(contentType);
    if (MediaType.isManifest(essence)) {
      return essence;
    }
    if (root.has("manifests")) {
      return MediaType.OCI_INDEX;
    }
    if (root.has("layers") || root.has("config")) {
      return MediaType.OCI_MANIFEST;
    }
    throw new OciException(ErrorCode.MANIFEST_INVALID, "the document is not a manifest");
  }

  private static Optional<Descriptor> descriptor(JsonNode node) {
    if (!node.isObject()) {
      return Optional.empty();
    }
    Digest digest;
    try {
      digest = Digest.parse(node.path("digest").asString(""));
    } catch (OciException e) {
      return Optional.empty();
    }
    JsonNode platform = node.path("platform");
    return Optional.of(
        new Descriptor(
            node.path("mediaType").asString(""),
            digest,
            node.path("size").asLong(0),
            node.path("urls").size() > 0,
            platform.isObject() ? Platform.nameOf(platform) : null));
  }
}
