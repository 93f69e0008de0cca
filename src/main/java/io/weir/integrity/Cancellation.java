package io.weir.integrity;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The end of work before it is done, as somebody else wishes it. Thread-safe. */
public final class Cancellation {

  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Thread waiting; // guarded by lock

  /** Asks the work to end. It does so at the next opportunity, which is soon. */
  public void cancel() {
    lock.lock();
    try {
      cancelled.countDown();
      if (waiting != null) {
        waiting.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether the work should end. */
  public boolean isCancelled() {
    return cancelled.getCount() == 0;
  }

  /** Waits for so long, or until it is cancelled. An interrupt cancels it. */
  void await(long nanos) {
    try {
      boolean _ = cancelled.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      cancel();
      Thread.currentThread().interrupt();
    }
  }

  /**
   * What waits for others.
   *
   * @param <E> how it fails
   */
  interface Waiting<E extends Exception> {
    void run() throws E;
  }

  /**
   * Runs {@code call} on this thread, which is interrupted if it is cancelled meanwhile. Nothing
   * else is: an interrupt in the middle of a read would close the file.
   */
  <E extends Exception> void interrupting(Waiting<E> call) throws E {
    lock.lock();
    try {
      waiting = Thread.currentThread();
      if (isCancelled()) {
        waiting.interrupt();
      }
    } finally {
      lock.unlock();
    }
    try {
      call.run();
    } finally {
      lock.lock();
      try {
        waiting = null;
        boolean _ = Thread.interrupted();
      } finally {
        lock.unlock();
      }
    }
  }
}
