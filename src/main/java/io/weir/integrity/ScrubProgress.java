package io.weir.integrity;

import io.weir.store.Usage;
import java.util.concurrent.atomic.AtomicLong;

/** How far a scrub is, and the means to end it. Thread-safe. */
public final class ScrubProgress {

  private final Cancellation cancellation = new Cancellation();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong blobs = new AtomicLong();
  private volatile Usage total = Usage.NONE;

  /** How many bytes have been read. */
  public long bytes() {
    return bytes.get();
  }

  /** How many manifests and blobs have been looked at. */
  public long blobs() {
    return blobs.get();
  }

  /** What was stored when it began; nothing before it has. */
  public Usage total() {
    return total;
  }

  /** Ends it between two pieces of what it reads. */
  public void cancel() {
    cancellation.cancel();
  }

  Cancellation cancellation() {
    return cancellation;
  }

  void begun(Usage total) {
    this.total = total;
  }

  void read(long bytes) {
    this.bytes.addAndGet(bytes);
  }

  void looked() {
    blobs.incrementAndGet();
  }
}
