package io.weir.cache;

/**
 * The answer to a request for a manifest.
 *
 * @param manifest what to send
 * @param status how it was come by
 */
public record ManifestAnswer(StoredManifest manifest, CacheStatus status) {}
