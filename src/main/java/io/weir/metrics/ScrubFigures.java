package io.weir.metrics;

import java.time.Instant;

/**
 * What came of a scrub.
 *
 * @param ended when
 * @param bytes how much was read
 * @param damaged how many blobs were not what they should be
 * @param missing how many were not there
 */
public record ScrubFigures(Instant ended, long bytes, long damaged, long missing) {}
