/**
 * Who asks, and what they may pull.
 *
 * <p>{@link io.weir.auth.Admission} is what one configuration says; it outlives none. {@link
 * io.weir.auth.Logins} is what is known of passwords, whatever the configuration: it verifies them
 * with bcrypt, on threads of its own, remembers what came of it, and slows down who guesses. Both
 * are asked on event loops and never block there; what takes bcrypt is an {@link
 * io.weir.auth.Entry.Pending}, to be awaited elsewhere.
 *
 * <p>No password and no Authorization header is kept, or gets into a log, an error or a {@code
 * toString}.
 */
@NullMarked
package io.weir.auth;

import org.jspecify.annotations.NullMarked;
