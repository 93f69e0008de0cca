/**
 * Doubles for tests: a registry that misbehaves on demand, and a clock that stands until it is told
 * to move.
 *
 * <p>{@link io.weir.testing.ScriptedUpstream} is a whole registry on a loopback port. Everything
 * here may be used from several threads and needs no sleeping: what a test has to wait for can be
 * awaited.
 */
@NullMarked
package io.weir.testing;

import org.jspecify.annotations.NullMarked;
