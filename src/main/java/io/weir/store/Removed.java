package io.weir.store;

import io.weir.oci.Digest;
import java.util.List;

/**
 * What it meant to take an image out of the store.
 *
 * @param image which one
 * @param unlinked what its repository has no more: the image's own manifests and blobs
 * @param freedBytes how many bytes nothing else needed
 * @param freedBlobs how many files these were
 */
public record Removed(Candidate image, List<Digest> unlinked, long freedBytes, int freedBlobs) {

  public Removed {
    unlinked = List.copyOf(unlinked);
  }
}
