/**
 * Bytes and facts that outlive the process: blobs as files, and an index that says what they are.
 *
 * <p>{@link io.weir.store.Store} opens both and holds the folder's lock. {@link
 * io.weir.store.Blobs} is the truth about bytes: a file that is there is whole and hashes to its
 * name. {@link io.weir.store.Index} is the truth about meaning: which repository has shown which
 * digest, which tag meant what. An index that is lost costs a few requests upstream and no bytes.
 * {@link io.weir.store.Inventory} is the same index for those who look after the store: images,
 * what they share, how long ago they were pulled, and how they leave.
 *
 * <p>All methods block and are called on virtual threads, but for those that say otherwise.
 */
@NullMarked
package io.weir.store;

import org.jspecify.annotations.NullMarked;
