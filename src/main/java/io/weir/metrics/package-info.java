/**
 * What is counted, and under which names. A leaf: every room may count here, and nothing here knows
 * a room. Counting is lock-free and may happen on any thread.
 */
@NullMarked
package io.weir.metrics;

import org.jspecify.annotations.NullMarked;
