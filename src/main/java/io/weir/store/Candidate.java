package io.weir.store;

import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.oci.Tag;
import java.time.Duration;
import java.util.List;

/**
 * An image that could leave the store: a manifest that stands for itself in its repository.
 *
 * @param origin its repository
 * @param digest its manifest, or a blob that no manifest here needs
 * @param tags what it is called there; may be empty
 * @param idle how long ago it was last pulled
 * @param pulledAt that moment, on the index's own clock: the order of candidates
 * @param repositoryId the index's name for the repository
 * @param contentId the index's name for the manifest
 */
public record Candidate(
    Origin origin,
    Digest digest,
    List<Tag> tags,
    Duration idle,
    long pulledAt,
    long repositoryId,
    long contentId) {

  public Candidate {
    tags = List.copyOf(tags);
  }
}
