package io.weir.retention;

import java.util.OptionalDouble;

/**
 * How the store stands to its limits.
 *
 * @param usedBytes what the store takes: content, index, and what is being received
 * @param limitBytes what it may take, {@code store.max-size}
 * @param capacityBytes the file system's size
 * @param availableBytes what the file system has left
 * @param minFreeBytes what it should have left, {@code store.min-free}
 * @param isFull whether pulls pass through unstored: from the first content that found no room, or
 *     could not be written, until there is room for it, or something can be
 * @param secondsUntilFull until the limit is reached as the store has grown in the last day: 0
 *     where it is, infinite where it does not grow; empty for the first ten minutes
 */
public record DiskStatus(
    long usedBytes,
    long limitBytes,
    long capacityBytes,
    long availableBytes,
    long minFreeBytes,
    boolean isFull,
    OptionalDouble secondsUntilFull) {}
