/**
 * Values of the OCI distribution and image specifications: digests, names, references, media types,
 * manifests, error codes.
 *
 * <p>Everything here is immutable, checked when it is made, and free of input and output. A string
 * from a client or an upstream becomes one of these types once, at the edge; past the edge the
 * types are trusted. Their {@code toString} is the form on the wire. What breaks a rule of the
 * specification is an {@link io.weir.oci.OciException} that carries the specification's error code.
 */
@NullMarked
package io.weir.oci;

import org.jspecify.annotations.NullMarked;
