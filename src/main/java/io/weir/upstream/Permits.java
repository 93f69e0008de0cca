package io.weir.upstream;

import io.weir.upstream.UpstreamException.Kind;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * How many requests may be under way to one upstream.
 *
 * <p>A blob holds its permit until it is closed, which may take minutes; so blobs never take the
 * last quarter of the permits, and a manifest finds one soon however many blobs there are. Where
 * there is only one permit, everything shares it. Waiting is in order of arrival, and bounded.
 *
 * <p>Thread-safe. Locks: a blob's permit is taken before the general one and given back after it.
 */
final class Permits {

  private final String upstream;
  private final int count;
  private final int blobsMax;
  private final Semaphore all;
  private final Semaphore blobs;

  Permits(String upstream, int count) {
    this.upstream = upstream;
    this.count = count;
    this.all = new Semaphore(count, true);
    this.blobsMax = count - count / 4 - (count > 1 && count < 4 ? 1 : 0);
    this.blobs = new Semaphore(blobsMax, true);
  }

  /** Leave to have one request under way. Closing it a second time does nothing. */
  static final class Permit implements AutoCloseable {
    private final Runnable release;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    private Permit(Runnable release) {
      this.release = release;
    }

    @Override
    public void close() {
      if (isClosed.compareAndSet(false, true)) {
        release.run();
      }
    }
  }

  /**
   * Leave for a request that is over soon.
   *
   * @throws UpstreamException {@code TIMEOUT} where there is none within {@code limit}
   */
  Permit forSmall(Duration limit) {
    take(all, limit);
    return new Permit(all::release);
  }

  /**
   * Leave for a blob, until it is closed.
   *
   * @throws UpstreamException {@code TIMEOUT} where there is none within {@code limit}
   */
  Permit forBlob(Duration limit) {
    long start = System.nanoTime();
    take(blobs, limit);
    boolean isTaken = false;
    try {
      take(all, limit.minusNanos(System.nanoTime() - start));
      isTaken = true;
    } finally {
      if (!isTaken) {
        blobs.release();
      }
    }
    return blobPermit();
  }

  /** Leave for a blob, until it is closed, where nobody has to wait for it; otherwise null. */
  @Nullable Permit forSpareBlob() {
    if (blobs.hasQueuedThreads() || all.hasQueuedThreads() || !blobs.tryAcquire()) {
      return null;
    }
    if (!all.tryAcquire()) {
      blobs.release();
      return null;
    }
    return blobPermit();
  }

  private Permit blobPermit() {
    return new Permit(() -> {
      all.release();
      blobs.release();
    });
  }

  /** How many blobs may be under way at the same time. */
  int blobsMax() {
    return blobsMax;
  }

  /** Waits until no request is under way, and lets none begin any more. */
  void close() {
    all.acquireUninterruptibly(count);
  }

  private void take(Semaphore semaphore, Duration limit) {
    try {
      if (semaphore.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      throw Failures.interrupted(upstream);
    }
    throw new UpstreamException(
        Kind.TIMEOUT, "%s: all %d connections are busy".formatted(upstream, count));
  }
}
