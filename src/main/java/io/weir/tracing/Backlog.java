package io.weir.tracing;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** The spans that wait for the collector: how many there may be, and what became of the others. */
final class Backlog {

  private final AtomicInteger waiting = new AtomicInteger();
  private final LongAdder ended = new LongAdder();
  private final LongAdder lost = new LongAdder();

  /**
   * One more span wants to be sent.
   *
   * @param waitingMax how many may wait
   * @return whether it may wait; otherwise it is lost
   */
  boolean admit(int waitingMax) {
    ended.increment();
    boolean hasPlace = waiting.getAndUpdate(now -> Math.min(now + 1, waitingMax)) < waitingMax;
    if (!hasPlace) {
      lost.increment();
    }
    return hasPlace;
  }

  /** Some wait no more: the collector has taken them, or they are lost. */
  void settle(int count, boolean isTaken) {
    waiting.addAndGet(-count);
    if (!isTaken) {
      lost.add(count);
    }
  }

  /** How many wait, or are being sent. */
  int waiting() {
    return waiting.get();
  }

  /** How many were lost. */
  long lost() {
    return lost.sum();
  }

  /** How many there were. */
  long ended() {
    return ended.sum();
  }
}
