package io.weir.cache;

import io.weir.upstream.UpstreamException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one thread asks of an upstream, and another may put an end to. Thread-safe; its lock is not
 * held over a call.
 */
final class Errand {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition stopping = lock.newCondition();

  // Guarded by lock:
  private boolean stopped;
  private @Nullable Thread asking;

  /**
   * Asks upstream, and waits for it. Nowhere else is the asking thread interrupted: an interrupt
   * during a write would close the file.
   *
   * @throws UpstreamException also where the errand has been stopped, before the call or during it
   */
  <T extends @Nullable Object> T asking(Supplier<T> call) {
    lock.lock();
    try {
      if (stopped) {
        throw new UpstreamException(UpstreamException.Kind.UNAVAILABLE, "the fetch was stopped");
      }
      asking = Thread.currentThread();
    } finally {
      lock.unlock();
    }
    try {
      return call.get();
    } finally {
      lock.lock();
      try {
        asking = null;
        boolean _ = Thread.interrupted();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Waits before another attempt, or until the errand is stopped. */
  void pause(Duration duration) {
    lock.lock();
    try {
      long nanos = duration.toNanos();
      while (!stopped && nanos > 0) {
        nanos = stopping.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      throw new UpstreamException(
          UpstreamException.Kind.UNAVAILABLE, "the fetch was interrupted", null, e);
    } finally {
      lock.unlock();
    }
  }

  /** Ends it when upstream is asked next. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      stopping.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends it at once, also where upstream keeps it waiting. */
  void interrupt() {
    lock.lock();
    try {
      stop();
      if (asking != null) {
        asking.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isStopped() {
    lock.lock();
    try {
      return stopped;
    } finally {
      lock.unlock();
    }
  }
}
