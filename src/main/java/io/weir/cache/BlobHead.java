package io.weir.cache;

/**
 * The answer to a question about a blob.
 *
 * @param sizeBytes its length, or −1 where upstream does not say
 * @param status how it was come by
 */
public record BlobHead(long sizeBytes, CacheStatus status) {}
