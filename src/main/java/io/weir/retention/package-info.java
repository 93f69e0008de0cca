/**
 * Room on the disk: who may write how much.
 *
 * <p>{@link io.weir.retention.Space} is the entry. Whoever is about to store content claims room
 * first, and is refused where there is none; content that was refused is served all the same, and
 * not stored.
 */
@NullMarked
package io.weir.retention;

import org.jspecify.annotations.NullMarked;
