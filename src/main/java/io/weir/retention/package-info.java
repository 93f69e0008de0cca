/**
 * Room on the disk: what leaves the store, when, and who may write how much.
 *
 * <p>Whoever is about to store content claims room from {@link io.weir.retention.Space}, and is
 * refused where there is none; content that was refused is served all the same, and not stored.
 * {@link io.weir.retention.Retention} makes room: images leave whole, those first that were pulled
 * longest ago, pinned ones never. It does so when a claim needs it, once a minute, and when asked.
 *
 * <p>Claims come on the threads of requests and fetches; one eviction runs at a time, and its
 * transactions run on the index's thread.
 */
@NullMarked
package io.weir.retention;

import org.jspecify.annotations.NullMarked;
