package io.weir.cache;

import io.weir.oci.Digest;

/**
 * A manifest that can be served.
 *
 * @param digest what its bytes hash to
 * @param mediaType the type to serve it under
 * @param content its bytes, as upstream sent them; never changed
 */
@SuppressWarnings("ArrayRecordComponent") // shared by all readers, compared by digest only
public record StoredManifest(Digest digest, String mediaType, byte[] content) {}
