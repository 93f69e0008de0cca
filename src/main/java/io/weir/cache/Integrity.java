package io.weir.cache;

import io.weir.metrics.Metrics;
import io.weir.metrics.Where;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.upstream.UpstreamException;

/** What becomes of bytes that do not match their digest: they are counted, and are no blob. */
record Integrity(Metrics metrics) {

  /** Counts them, and gives the failure that they are. */
  UpstreamException wrongBytes(Origin origin, Digest digest) {
    metrics.integrityFailure(origin.upstream(), Where.FETCH);
    return new UpstreamException(
        UpstreamException.Kind.INVALID,
        "%s: sent bytes that do not hash to %s".formatted(origin.upstream(), digest));
  }
}
