package io.weir.cache;

import io.weir.store.StoredBlob;

/** The answer to a request for a blob. */
public sealed interface BlobAnswer {

  /** How it was come by. */
  CacheStatus status();

  /**
   * It is here, whole.
   *
   * @param blob where
   */
  record Stored(StoredBlob blob, CacheStatus status) implements BlobAnswer {}

  /**
   * It is arriving.
   *
   * @param blob the bytes so far and those to come; the receiver closes it
   */
  record Growing(GrowingBlob blob, CacheStatus status) implements BlobAnswer {}

  /** It cannot be stored: {@link Cache#passage} gives it, to each client anew. */
  record Passing(CacheStatus status) implements BlobAnswer {}
}
