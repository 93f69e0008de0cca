package io.weir.upstream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The pieces of one body on their way from an event loop to a blocking reader, bounded in bytes.
 *
 * <p>States: <i>flowing</i>, <i>paused</i> (the event loop was told to bring no more, because
 * {@value #PAUSE_ABOVE_BYTES} bytes wait), <i>ended</i> (well or broken; what waits can still be
 * taken, the failure comes after it), <i>dropped</i> (the reader left; whatever still arrives is
 * forgotten). One thread puts, one takes; each may be any thread.
 *
 * <p>The bound is soft: pieces that were read before the pause took effect still arrive.
 */
final class BodyQueue {

  static final int PAUSE_ABOVE_BYTES = 256 << 10;
  private static final int RESUME_BELOW_BYTES = 128 << 10;

  /** Tells the source of the pieces to hold, or to go on. Called on either thread. */
  interface Flow {
    void pause();

    void resume();
  }

  private final Flow flow;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by lock:
  private final Deque<ByteBuffer> pieces = new ArrayDeque<>();
  private long waitingBytes;
  private boolean isPaused;
  private boolean isEnded;
  private boolean isDropped;
  private @Nullable Throwable failure;

  BodyQueue(Flow flow) {
    this.flow = flow;
  }

  /** Adds a piece. Never blocks. */
  void put(ByteBuffer piece) {
    lock.lock();
    try {
      if (isDropped || isEnded) {
        return;
      }
      pieces.add(piece);
      waitingBytes += piece.remaining();
      if (!isPaused && waitingBytes > PAUSE_ABOVE_BYTES) {
        isPaused = true;
        flow.pause();
      }
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The body is complete. */
  void end() {
    end(null);
  }

  /** The body ends here, broken. */
  void fail(Throwable cause) {
    end(cause);
  }

  private void end(@Nullable Throwable cause) {
    lock.lock();
    try {
      if (!isEnded) {
        isEnded = true;
        failure = cause;
        resume();
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next piece, waiting for it; null at the end.
   *
   * @throws IOException where the body is broken; its cause is what {@link #fail} was told
   * @throws TimeoutException where nothing came within {@code limit}
   */
  @Nullable ByteBuffer take(Duration limit)
      throws IOException, TimeoutException, InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = limit.toNanos();
      while (pieces.isEmpty() && !isEnded) {
        if (nanos <= 0) {
          throw new TimeoutException();
        }
        nanos = changed.awaitNanos(nanos);
      }
      ByteBuffer piece = pieces.poll();
      if (piece == null) {
        if (failure != null) {
          throw new IOException("the body is broken", failure);
        }
        return null;
      }
      waitingBytes -= piece.remaining();
      if (waitingBytes < RESUME_BELOW_BYTES) {
        resume();
      }
      return piece;
    } finally {
      lock.unlock();
    }
  }

  private void resume() {
    if (isPaused) {
      isPaused = false;
      flow.resume();
    }
  }

  /** The reader leaves. Returns whether the body had ended, that is, nothing more would come. */
  boolean drop() {
    lock.lock();
    try {
      isDropped = true;
      pieces.clear();
      return isEnded;
    } finally {
      lock.unlock();
    }
  }
}
