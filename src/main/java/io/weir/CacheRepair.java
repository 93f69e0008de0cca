package io.weir;

import io.weir.cache.Cache;
import io.weir.integrity.Repair;
import io.weir.oci.Digest;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.store.StorageException;
import io.weir.tracing.Tracing;
import io.weir.upstream.UpstreamException;
import java.io.IOException;

/**
 * Fetches damaged content anew as the cache fetches, each in a trace of its own.
 *
 * @param cache what fetches
 * @param tracing where the traces begin
 */
record CacheRepair(Cache cache, Tracing tracing) implements Repair {

  @Override
  public void fetch(Origin origin, Digest digest, boolean isManifest) throws IOException {
    try {
      tracing
          .begin("repair")
          .about(origin.upstream(), origin.repository().name(), digest.toString())
          .complete(() -> cache.restore(origin, digest, isManifest));
    } catch (UpstreamException | StorageException | OciException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
