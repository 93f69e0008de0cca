package io.weir.upstream;

import io.weir.oci.Digest;
import org.jspecify.annotations.Nullable;

/**
 * A manifest as an upstream sent it.
 *
 * @param content its bytes, unchanged
 * @param contentType the {@code Content-Type} it came with, if any
 * @param digest the {@code Docker-Content-Digest} it came with, if any: a hint, not yet compared
 *     with the bytes
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record RemoteManifest(
    byte[] content, @Nullable String contentType, @Nullable Digest digest) {}
