package io.weir.retention;

import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.oci.Tag;
import io.weir.store.Removed;
import java.time.Duration;
import java.util.List;

/**
 * An image that leaves, or would.
 *
 * @param origin its repository
 * @param digest its manifest
 * @param tags what it was called; may be empty
 * @param idle how long ago it was last pulled
 * @param reason why it leaves
 * @param freedBytes what nothing else needed
 */
public record Departure(
    Origin origin, Digest digest, List<Tag> tags, Duration idle, Reason reason, long freedBytes) {

  public Departure {
    tags = List.copyOf(tags);
  }

  static Departure of(Removed removed, Reason reason) {
    return new Departure(
        removed.image().origin(),
        removed.image().digest(),
        removed.image().tags(),
        removed.image().idle(),
        reason,
        removed.freedBytes());
  }
}
