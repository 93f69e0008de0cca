package io.weir.integrity;

import java.util.function.LongSupplier;

/**
 * Holds a reader down to a number of bytes a second. What was not read in time is not made up for
 * later, so no burst follows a pause. Used by one thread.
 */
final class Bandwidth {

  private static final double NANOS_PER_SECOND = 1e9;

  private final LongSupplier bytesPerSecond;
  private final Stopwatch stopwatch;
  private long dueNanos;

  /**
   * Begins now.
   *
   * @param bytesPerSecond the limit, 1 or more, which may change; {@link Long#MAX_VALUE} is none
   */
  Bandwidth(LongSupplier bytesPerSecond, Stopwatch stopwatch) {
    this.bytesPerSecond = bytesPerSecond;
    this.stopwatch = stopwatch;
    this.dueNanos = stopwatch.nanos();
  }

  /**
   * Waits until {@code bytes} that have been read may have been. Others get their turn in any case.
   */
  @SuppressWarnings("ThreadPriorityCheck") // a virtual thread that never blocks keeps its carrier
  void use(long bytes, Cancellation cancellation) {
    long now = stopwatch.nanos();
    dueNanos =
        Math.max(dueNanos, now) + (long) (bytes * NANOS_PER_SECOND / bytesPerSecond.getAsLong());
    if (dueNanos > now) {
      stopwatch.pause(dueNanos - now, cancellation);
    } else {
      Thread.yield();
    }
  }
}
