package io.weir.admin;

import io.weir.oci.Descriptor;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.MediaType;
import io.weir.oci.OciException;
import io.weir.oci.Platform;
import io.weir.store.Blobs;
import io.weir.store.StoredImage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What stored images run on. Of an index the index of the store knows; an image that stands for
 * itself says it in its config only, which is read for each question. Thread-safe; blocks.
 *
 * @param blobs where manifests and configs are
 */
record Platforms(Blobs blobs) {

  private static final int CONFIG_BYTES_MAX = 1 << 20;

  private static final JsonMapper JSON = JsonMapper.shared();

  /** Such as {@code linux/amd64}; empty where it is no container image, or not all is here. */
  List<String> of(StoredImage image) {
    String mediaType = image.mediaType().orElse("");
    if (!MediaType.isManifest(mediaType) || MediaType.isIndex(mediaType)) {
      return image.platforms();
    }
    try {
      return config(image.digest()).flatMap(this::platform).stream().toList();
    } catch (IOException | OciException | JacksonException _) {
      return List.of(); // whoever pulls it is told more
    }
  }

  private Optional<Digest> config(Digest manifest) throws IOException {
    return blobs.read(manifest, Manifest.SIZE_BYTES_MAX).stream()
        .flatMap(content -> Manifest.parse(content, null).children().stream())
        .filter(child -> MediaType.isImageConfig(child.mediaType()))
        .map(Descriptor::digest)
        .findFirst();
  }

  private Optional<String> platform(Digest config) {
    try {
      return blobs
          .read(config, CONFIG_BYTES_MAX)
          .map(JSON::readTree)
          .filter(object -> object.has("os"))
          .map(Platform::nameOf);
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
