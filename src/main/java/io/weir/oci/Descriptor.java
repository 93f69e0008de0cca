package io.weir.oci;

import org.jspecify.annotations.Nullable;

/**
 * A pointer from a manifest to content.
 *
 * @param mediaType the content's media type as the manifest states it; empty where it states none
 * @param digest the content's digest
 * @param sizeBytes the content's length in bytes
 * @param external whether the manifest names {@code urls} to fetch it from: such content need not
 *     be in the registry
 * @param platform {@code os/architecture[/variant]} of an index entry, else null
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md">image-spec
 *     1.1.1, descriptors</a>
 */
public record Descriptor(
    String mediaType, Digest digest, long sizeBytes, boolean external, @Nullable String platform) {}
