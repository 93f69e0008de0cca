package io.weir.warm;

import io.weir.oci.Digest;
import java.util.Optional;

/**
 * What has come of one image.
 *
 * @param reference as it was asked for
 * @param digest its manifest or index; empty where that was not found
 * @param blobs how many manifests and blobs of it are stored now, whether they were before or not
 * @param bytes how long these are together
 * @param error why not all that was wanted is stored; empty where it is
 */
public record Warmed(
    String reference, Optional<Digest> digest, long blobs, long bytes, Optional<String> error) {

  /** The image, which nobody has come to. */
  static Warmed cancelled(String reference) {
    return new Warmed(
        reference, Optional.empty(), 0, 0, Optional.of("it was cancelled before its turn"));
  }
}
