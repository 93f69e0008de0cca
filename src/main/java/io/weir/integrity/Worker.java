package io.weir.integrity;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A virtual thread that works when it is time, and when it is told to. */
final class Worker implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  /** The pause after work that failed. */
  private static final Duration AFTER_FAILURE = Duration.ofHours(1);

  private final String name;
  private final Supplier<Duration> work;
  private final Semaphore wake = new Semaphore(0);
  private volatile boolean isClosing;
  private @Nullable Thread thread;

  /**
   * @param work does what is there to do, and says in how much time it wants to be called again at
   *     the latest
   */
  Worker(String name, Supplier<Duration> work) {
    this.name = name;
    this.work = work;
  }

  /** Begins, with the work. Called once. */
  void start() {
    thread = Thread.ofVirtual().name(name).start(this::run);
  }

  /** Calls for work, after that which is being done. */
  void wake() {
    wake.release();
  }

  private void run() {
    try {
      while (!isClosing) {
        Duration pause = AFTER_FAILURE;
        try {
          pause = work.get();
        } catch (RuntimeException e) {
          LOG.error("{} failed", name, e);
        }
        boolean _ = wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
        int _ = wake.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until the work that is being done has ended; it has been told to. */
  @Override
  public void close() {
    isClosing = true;
    wake();
    try {
      if (thread != null) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
