package io.weir.cache;

import io.weir.oci.Digest;
import io.weir.oci.Origin;
import java.time.Instant;

/**
 * A blob on its way from upstream to the store, at one moment.
 *
 * @param origin who asked for it first
 * @param sizeBytes its length; −1 while upstream has not said
 * @param receivedBytes how much is in its file; what comes ahead of it over further connections
 *     counts when its turn comes
 * @param readers how many clients wait for it or read it; 0 where it is fetched ahead
 * @param started when it began
 */
public record FetchStatus(
    Origin origin,
    Digest digest,
    long sizeBytes,
    long receivedBytes,
    int readers,
    Instant started) {}
