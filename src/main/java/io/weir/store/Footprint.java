package io.weir.store;

/**
 * What the store takes beside its content, and what its file system has.
 *
 * @param indexBytes the index, what is in quarantine, and the other files of the store's folder
 * @param incomingBytes what has been received of blobs that are not whole yet
 * @param capacityBytes the file system's size
 * @param availableBytes what it has left for this process
 */
public record Footprint(
    long indexBytes, long incomingBytes, long capacityBytes, long availableBytes) {}
