package io.weir.store;

import io.weir.oci.Digest;

/**
 * A manifest or blob of which the index says that it is stored.
 *
 * @param digest what it should hash to
 * @param sizeBytes how long it should be
 * @param isManifest whether it is a manifest
 */
public record StoredContent(Digest digest, long sizeBytes, boolean isManifest) {

  /** What is wrong with a file of another length, in a few words. */
  public String wrongSize(long actualBytes) {
    return "it has %d bytes instead of %d".formatted(actualBytes, sizeBytes);
  }
}
