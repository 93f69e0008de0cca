package io.weir.retention;

/**
 * How the store stands to its limits.
 *
 * @param usedBytes what the store takes: content, index, and what is being received
 * @param limitBytes what it may take, {@code store.max-size}
 * @param capacityBytes the file system's size
 * @param availableBytes what the file system has left
 * @param minFreeBytes what it should have left, {@code store.min-free}
 * @param isFull whether pulls pass through unstored at the moment
 */
public record DiskStatus(
    long usedBytes,
    long limitBytes,
    long capacityBytes,
    long availableBytes,
    long minFreeBytes,
    boolean isFull) {}
