package io.weir.oci;

import tools.jackson.databind.JsonNode;

/**
 * What an image runs on, as {@code os/architecture} or {@code os/architecture/variant}, such as
 * {@code linux/arm64/v8}.
 */
public final class Platform {

  private Platform() {}

  /**
   * Reads the members {@code os}, {@code architecture} and {@code variant}, which an index entry's
   * {@code platform} has, and an image's config.
   *
   * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md">image-spec
   *     1.1.1, configuration</a>
   */
  public static String nameOf(JsonNode object) {
    String name = object.path("os").asString("") + '/' + object.path("architecture").asString("");
    String variant = object.path("variant").asString("");
    return variant.isEmpty() ? name : name + '/' + variant;
  }
}
