package io.weir.cache;

import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.upstream.UpstreamException;
import org.jspecify.annotations.Nullable;

/**
 * A blob that is brought into the store for nobody in particular: who asks for it next finds it.
 *
 * <p>It is no reader of the fetch that brings it, which clients may join and leave. One thread
 * waits for it; any other may look at it or stop it.
 */
public final class Delivery {

  private final BlobFetches blobs;
  private final Origin origin;
  private final Digest digest;

  // Written by one side and read by the other after it has written its own: whichever comes second
  // sees both.
  private volatile @Nullable Fetch fetch;
  private volatile boolean isStopped;

  Delivery(BlobFetches blobs, Origin origin, Digest digest) {
    this.blobs = blobs;
    this.origin = origin;
    this.digest = digest;
  }

  Origin origin() {
    return origin;
  }

  public Digest digest() {
    return digest;
  }

  /**
   * Returns when the blob is stored and known in its repository. Blocks. Called once.
   *
   * @throws UpstreamException where upstream does not give it, or this was stopped
   * @throws io.weir.store.StorageException where the disk does not take it; the message says why
   */
  public void await() {
    blobs.bring(this);
  }

  /** How much of it has come so far, in bytes; 0 where nothing is on its way. */
  public long arrivedBytes() {
    Fetch now = fetch;
    return now == null ? 0 : now.writtenBytes();
  }

  /** Ends it at once, unless a client reads what comes. What came is kept. */
  public void stop() {
    isStopped = true;
    Fetch now = fetch;
    if (now != null) {
      now.stopUnread();
    }
  }

  /** {@code begun} brings it. */
  void comesBy(Fetch begun) {
    fetch = begun;
    if (isStopped) {
      begun.stopUnread();
    }
  }

  void refuseIfStopped() {
    if (isStopped) {
      throw new UpstreamException(UpstreamException.Kind.UNAVAILABLE, "it was cancelled");
    }
  }
}
