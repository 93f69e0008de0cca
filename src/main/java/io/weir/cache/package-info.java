/**
 * What is answered from here, what is asked upstream, and who waits for whom.
 *
 * <p>{@link io.weir.cache.Cache} is the entry. {@link io.weir.cache.Manifests} decides about tags
 * and manifests, {@link io.weir.cache.BlobFetches} about blobs, {@link io.weir.cache.Documents}
 * about lists of tags and referrers.
 *
 * <p>What cannot be stored is answered all the same: {@link io.weir.cache.Passage} is a blob that
 * passes the disk by.
 *
 * <p>Two ways lead in. {@code recall…} methods answer from memory at once, or not at all, and may
 * be called on an event loop. All others may ask the index, the disk or an upstream, block, and are
 * called on virtual threads. A fetch of a blob runs on a virtual thread of its own and belongs to
 * no client.
 */
@NullMarked
package io.weir.cache;

import org.jspecify.annotations.NullMarked;
