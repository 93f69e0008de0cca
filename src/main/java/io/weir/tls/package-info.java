/**
 * Certificates and keys as files: reading them ({@link io.weir.tls.PemFile}), what they are good
 * for ({@link io.weir.tls.Certificates}), and making them ({@link io.weir.tls.PrivateCa}, laid out
 * as {@link io.weir.tls.CaFolder}).
 *
 * <p>Only what makes them uses Bouncy Castle, which is on the class path of {@code weir tls} alone.
 */
@NullMarked
package io.weir.tls;

import org.jspecify.annotations.NullMarked;
