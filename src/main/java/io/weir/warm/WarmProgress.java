package io.weir.warm;

import io.weir.cache.Delivery;
import io.weir.oci.Digest;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How far images are fetched, and the means to end that. What several images share counts once.
 * Thread-safe.
 */
public final class WarmProgress {

  private final CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
  private final Set<Digest> expected = ConcurrentHashMap.newKeySet();
  private final Set<Digest> stored = ConcurrentHashMap.newKeySet();
  private final Set<Delivery> underWay = ConcurrentHashMap.newKeySet();
  private final AtomicLong expectedBytes = new AtomicLong();
  private final AtomicLong storedBytes = new AtomicLong();
  private final AtomicInteger unread = new AtomicInteger(1);

  /** How much is here: what was stored before, has been stored since, or has arrived of it. */
  public long bytes() {
    Map<Digest, Long> arrived = new HashMap<>();
    for (Delivery delivery : underWay) {
      if (!stored.contains(delivery.digest())) {
        arrived.merge(delivery.digest(), delivery.arrivedBytes(), Math::max);
      }
    }
    long arrivedBytes = arrived.values().stream().mapToLong(Long::longValue).sum();
    return Math.min(storedBytes.get() + arrivedBytes, totalBytes());
  }

  /** How much there is, as far as manifests have told by now. */
  public long totalBytes() {
    return expectedBytes.get();
  }

  /** Whether all manifests have been read, so that {@link #totalBytes} grows no more. */
  public boolean isTotalKnown() {
    return unread.get() == 0;
  }

  /** So many images are to be fetched. Called once, before the first is begun. */
  void begin(int images) {
    unread.set(images);
  }

  /** All manifests of one of them have been read, or have failed. Called once for each. */
  void manifestsRead() {
    unread.decrementAndGet();
  }

  /** Ends it: what is on its way is dropped, unless a client reads it. Does not block. */
  public void cancel() {
    cancelled.complete(true);
    underWay.forEach(Delivery::stop);
  }

  /** It has ended, and may be remembered for long: what was only for counting goes. */
  void settle() {
    expected.clear();
    stored.clear();
  }

  boolean isCancelled() {
    return cancelled.isDone();
  }

  /** Waits until {@code work} has ended, or this is cancelled. */
  void await(CompletableFuture<Void> work) {
    Object _ = CompletableFuture.anyOf(work, cancelled).join();
  }

  /** A manifest has said that {@code digest} is needed, or is it itself. */
  void expect(Digest digest, long sizeBytes) {
    if (expected.add(digest)) {
      expectedBytes.addAndGet(sizeBytes);
    }
  }

  void begins(Delivery delivery) {
    underWay.add(delivery);
    if (isCancelled()) {
      delivery.stop();
    }
  }

  void ended(Delivery delivery) {
    underWay.remove(delivery);
  }

  /** What was expected is stored. */
  void stored(Digest digest, long sizeBytes) {
    if (stored.add(digest)) {
      storedBytes.addAndGet(sizeBytes);
    }
  }
}
