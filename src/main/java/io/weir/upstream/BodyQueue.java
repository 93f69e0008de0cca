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
 *
 * <p>A slow line brings bytes in small pieces, and each piece that the reader takes costs a turn of
 * everybody who waits for it: of the disk, and of each client that the bytes go to. So, but for the
 * first ones, some are gathered, for a moment, and taken as one.
 */
final class BodyQueue {

  static final int PAUSE_ABOVE_BYTES = 256 << 10;
  private static final int RESUME_BELOW_BYTES = 128 << 10;

  /**
   * So many bytes of the body are taken as they come, so that clients see it begin: more than the
   * end of what has arrived that is held back from them.
   */
  static final int EAGER_BYTES = 32 << 10;

  /** So many bytes are worth a turn. */
  static final int GATHERED_BYTES = 128 << 10;

  /** A piece of so many is a turn of its own, and not copied. */
  static final int LARGE_BYTES = 32 << 10;

  /** How long they are waited for. */
  private static final Duration GATHERING_MAX = Duration.ofMillis(50);

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
  private long wantedBytes;
  private long takenBytes;
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
      if (waitingBytes >= wantedBytes) {
        changed.signal();
      }
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
   * The next bytes, waiting for them; null at the end.
   *
   * @throws IOException where the body is broken; its cause is what {@link #fail} was told
   * @throws TimeoutException where nothing came within {@code limit}
   */
  @Nullable ByteBuffer take(Duration limit)
      throws IOException, TimeoutException, InterruptedException {
    lock.lockInterruptibly();
    try {
      if (!await(1, limit)) {
        throw new TimeoutException();
      }
      if (takenBytes >= EAGER_BYTES) {
        boolean _ = await(GATHERED_BYTES, GATHERING_MAX);
      }
      if (pieces.isEmpty()) {
        if (failure != null) {
          throw new IOException("the body is broken", failure);
        }
        return null;
      }
      ByteBuffer taken = takenBytes < EAGER_BYTES ? pieces.remove() : removeSmall();
      waitingBytes -= taken.remaining();
      takenBytes += taken.remaining();
      if (waitingBytes < RESUME_BELOW_BYTES) {
        resume();
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for so many bytes, or the end. Returns false where the time was over before. */
  private boolean await(long bytes, Duration limit) throws InterruptedException {
    long nanos = limit.toNanos();
    wantedBytes = bytes;
    while (waitingBytes < bytes && !isEnded) {
      if (nanos <= 0) {
        return false;
      }
      nanos = changed.awaitNanos(nanos);
    }
    return true;
  }

  /** The first piece, or the small ones at the front as one. */
  private ByteBuffer removeSmall() {
    int bytes = 0;
    int count = 0;
    for (ByteBuffer piece : pieces) {
      if (piece.remaining() >= LARGE_BYTES || bytes + piece.remaining() > GATHERED_BYTES) {
        break;
      }
      bytes += piece.remaining();
      count++;
    }
    if (count < 2) {
      return pieces.remove();
    }
    ByteBuffer gathered = ByteBuffer.allocate(bytes);
    for (int i = 0; i < count; i++) {
      gathered.put(pieces.remove());
    }
    return gathered.flip();
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
