/**
 * One registry client for each upstream: tokens, redirects, several URLs, time limits, retries, and
 * a short memory of failures.
 *
 * <p>{@link io.weir.upstream.Upstream} is the entry. Its methods block; they are called on virtual
 * threads. Bytes arrive on Vert.x event loops and wait in a bounded queue until the caller takes
 * them. What goes wrong is an {@link io.weir.upstream.UpstreamException}, whose kind says what it
 * means for the client.
 */
@NullMarked
package io.weir.upstream;

import org.jspecify.annotations.NullMarked;
