package io.weir.integrity;

/** Time that passes only in pauses. Used by one thread. */
final class FakeStopwatch implements Stopwatch {

  private long nanos;
  private long readingNanos;
  private Runnable whilePaused = () -> {};

  @Override
  public long nanos() {
    nanos += readingNanos;
    return nanos;
  }

  @Override
  public void pause(long duration, Cancellation cancellation) {
    nanos += duration;
    whilePaused.run();
  }

  /** How much time has passed. */
  long passedNanos() {
    return nanos;
  }

  /** Lets so much time pass before each reading. */
  void tick(long nanos) {
    readingNanos = nanos;
  }

  /** What happens in each pause. */
  void whilePaused(Runnable action) {
    whilePaused = action;
  }
}
