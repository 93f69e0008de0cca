package io.weir.store;

import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.oci.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An image as it is listed.
 *
 * @param origin its repository
 * @param digest its manifest or index
 * @param tags what it is called there; may be empty
 * @param mediaType the manifest's; empty for a blob that no manifest here needs
 * @param platforms what it runs on, as far as is stored: of an index those whose manifests are, of
 *     an image what its config says; empty for what is no container image
 * @param sizeBytes all that is stored of it; what it shares with other images counts too
 * @param blobs how many files that is
 * @param missing how many blobs its stored manifests need that are not stored; 0 where it can be
 *     pulled whole without its registry, but for platforms that nobody has asked for
 * @param storedAt when it came
 * @param idle how long ago it was last pulled
 */
public record StoredImage(
    Origin origin,
    Digest digest,
    List<Tag> tags,
    Optional<String> mediaType,
    List<String> platforms,
    long sizeBytes,
    long blobs,
    long missing,
    Instant storedAt,
    Duration idle) {

  public StoredImage {
    tags = List.copyOf(tags);
    platforms = List.copyOf(platforms);
  }
}
