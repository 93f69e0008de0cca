package io.weir.metrics;

import java.util.OptionalDouble;

/**
 * How the store stands when the metrics are read.
 *
 * @param usedBytes what it takes, see {@code store.max-size}
 * @param limitBytes what it may take
 * @param capacityBytes the file system's size
 * @param availableBytes what the file system has left
 * @param isFull whether content found no room that would find none now, or writes fail
 * @param secondsUntilFull until the limit is reached as it has grown lately; infinite where it does
 *     not grow, empty while that is not known
 */
public record StoreFigures(
    long usedBytes,
    long limitBytes,
    long capacityBytes,
    long availableBytes,
    boolean isFull,
    OptionalDouble secondsUntilFull) {}
