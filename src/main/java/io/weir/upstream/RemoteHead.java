package io.weir.upstream;

import io.weir.oci.Digest;
import org.jspecify.annotations.Nullable;

/**
 * What an upstream's answer to a HEAD says of a manifest or a blob.
 *
 * @param digest the {@code Docker-Content-Digest}, if any
 * @param sizeBytes the {@code Content-Length}, or −1 where there is none
 * @param contentType the {@code Content-Type}, if any
 */
public record RemoteHead(@Nullable Digest digest, long sizeBytes, @Nullable String contentType) {}
