package io.weir.integrity;

import io.weir.oci.Digest;
import io.weir.oci.Origin;
import java.io.IOException;

/** Fetches content anew that was damaged. */
@FunctionalInterface
public interface Repair {

  /**
   * Fetches {@code digest} from {@code origin}, and returns when it is stored. Blocks; may be
   * interrupted.
   *
   * @param isManifest whether it is a manifest
   * @throws IOException where upstream does not give it, or the disk does not take it; the message
   *     says which
   */
  void fetch(Origin origin, Digest digest, boolean isManifest) throws IOException;
}
