package io.weir.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.oci.Descriptor;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.MediaType;
import io.weir.oci.OciException;
import io.weir.oci.Platform;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What images run on that stand for themselves. Only their configs say it; and since content does
 * not change under its digest, each is read once. Thread-safe; blocks.
 */
final class Platforms {

  private static final int CONFIG_BYTES_MAX = 1 << 20;

  /** At 200 bytes each. */
  private static final int REMEMBERED_MAX = 50_000;

  private static final String NONE = "";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Blobs blobs;
  private final Cache<Digest, String> remembered =
      Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).executor(Runnable::run).build();

  /**
   * @param blobs where manifests and configs are
   */
  Platforms(Blobs blobs) {
    this.blobs = blobs;
  }

  /**
   * Such as {@code linux/amd64}; empty where it is no container image, or not all is here.
   *
   * @param manifest the digest of a manifest that is no index
   */
  String of(Digest manifest) {
    String known = remembered.getIfPresent(manifest);
    if (known != null) {
      return known;
    }
    try {
      String read = read(manifest);
      if (read != null) {
        remembered.put(manifest, read.intern());
      }
      return read == null ? NONE : read;
    } catch (IOException | OciException | JacksonException _) {
      return NONE; // whoever pulls it is told more
    }
  }

  /** Null where that may be known later. */
  private @Nullable String read(Digest manifest) throws IOException {
    Optional<byte[]> document = blobs.read(manifest, Manifest.SIZE_BYTES_MAX);
    if (document.isEmpty()) {
      return null;
    }
    Optional<Digest> config =
        Manifest.parse(document.get(), null)
            .config()
            .filter(some -> MediaType.isImageConfig(some.mediaType()))
            .map(Descriptor::digest);
    if (config.isEmpty()) {
      return NONE;
    }
    Optional<byte[]> content = blobs.read(config.get(), CONFIG_BYTES_MAX);
    if (content.isEmpty()) {
      return null;
    }
    JsonNode object = JSON.readTree(content.get());
    return object.has("os") ? Platform.nameOf(object) : NONE;
  }
}
