/**
 * Images that are fetched before anybody pulls them.
 *
 * <p>{@link io.weir.warm.Warmer} is the entry. It asks the cache for what a client would ask for,
 * one request after the other, and so there is one copy of how tags, manifests and blobs are come
 * by. It is a room of its own because the admin API, which begins it, has no business in the cache.
 */
@NullMarked
package io.weir.warm;

import org.jspecify.annotations.NullMarked;
