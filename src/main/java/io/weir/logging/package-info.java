/**
 * How log events look and where they go.
 *
 * <p>{@link io.weir.logging.Logging} is the entry, used once when the program starts. Everyone else
 * logs through SLF4J; what became of requests goes to the {@link io.weir.logging.AccessLog}. What
 * comes from a client or an upstream belongs into key-value pairs; here it is made harmless, so
 * that no request can forge a line of its own.
 */
@NullMarked
package io.weir.logging;

import org.jspecify.annotations.NullMarked;
