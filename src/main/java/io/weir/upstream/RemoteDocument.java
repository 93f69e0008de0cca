package io.weir.upstream;

import org.jspecify.annotations.Nullable;

/**
 * A JSON document of an upstream: one page of a tag list or of referrers.
 *
 * @param content its bytes
 * @param contentType the {@code Content-Type} it came with, if any
 * @param next the {@code Link} header's target with {@code rel="next"}, as the upstream wrote it,
 *     if any
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record RemoteDocument(byte[] content, @Nullable String contentType, @Nullable String next) {}
