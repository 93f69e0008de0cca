package io.weir.logging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lines on their way to a file or a pipe that may be slow: they gather in memory, and one thread,
 * {@code weir-log}, writes them. Whoever has a line never waits for the output; where too many have
 * gathered, lines are lost, and later their number is told.
 *
 * <p>A line that comes alone is written at once. While there are many, they are written in large
 * pieces, and nobody has to wake the thread: to wake it for each line would cost more than to make
 * the line. Thread-safe.
 */
final class Lines implements AutoCloseable {

  private static final int GATHERED_BYTES_USUAL = 256 << 10;

  /** How long others may gather after a piece has been written. */
  private static final Duration PAUSE = Duration.ofMillis(10);

  /** How long the end waits for an output that does not take what is left. */
  private static final Duration END_MAX = Duration.ofSeconds(2);

  /** Is told how many lines were lost, when there is room again. */
  interface Losses {
    void lost(long lines);
  }

  private final WritableByteChannel target;
  private final int gatheredBytesMax;
  private final Losses losses;
  private final Thread writer = new Thread(this::run, "weir-log");

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition isWanted = lock.newCondition();
  // Guarded by the lock:
  private ByteBuffer gathered = ByteBuffer.allocateDirect(GATHERED_BYTES_USUAL);
  private long lost;
  private long lostEver;
  private boolean isIdle;
  private boolean isClosed;

  // Only the writer's:
  private ByteBuffer writing = ByteBuffer.allocateDirect(GATHERED_BYTES_USUAL);

  /**
   * Lines for {@code target}, which stays open.
   *
   * @param gatheredBytesMax how much may wait
   * @param losses called by the writing thread
   */
  Lines(WritableByteChannel target, int gatheredBytesMax, Losses losses) {
    this.target = target;
    this.gatheredBytesMax = gatheredBytesMax;
    this.losses = losses;
    writer.setDaemon(true);
    writer.start();
  }

  /** Takes a line, which ends as lines do. Never blocks for long. */
  void add(byte[] line) {
    add(line, line.length);
  }

  /** Takes a line that is the beginning of {@code bytes}. */
  void add(byte[] bytes, int length) {
    lock.lock();
    try {
      if (isClosed || length > gatheredBytesMax - gathered.position()) {
        lost++;
        lostEver++;
        return;
      }
      if (length > gathered.remaining()) {
        int wanted = Math.max(2 * gathered.capacity(), gathered.position() + length);
        gathered =
            ByteBuffer.allocateDirect(Math.min(wanted, gatheredBytesMax)).put(gathered.flip());
      }
      gathered.put(bytes, 0, length);
      if (isIdle) {
        isIdle = false;
        isWanted.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many lines were lost since the beginning. */
  long lostEver() {
    lock.lock();
    try {
      return lostEver;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      boolean goesOn = true;
      while (goesOn) {
        goesOn = writeSome();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for lines and writes those there are. Returns false after the last. */
  private boolean writeSome() throws InterruptedException {
    long lostBefore;
    boolean isLast;
    lock.lock();
    try {
      while (gathered.position() == 0 && !isClosed) {
        isIdle = true;
        isWanted.await();
      }
      isIdle = false;
      isLast = isClosed;
      lostBefore = lost;
      ByteBuffer full = gathered;
      gathered = writing.clear();
      writing = full.flip();
      lost = 0;
    } finally {
      lock.unlock();
    }
    try {
      while (writing.hasRemaining()) {
        if (target.write(writing) == 0) {
          pause(); // a pipe that its other owner has made non-blocking
        }
      }
    } catch (IOException _) {
      return !isLast; // there is nowhere to say it
    }
    if (lostBefore > 0) {
      losses.lost(lostBefore);
    }
    if (isLast) {
      return false;
    }
    pause();
    return true;
  }

  private void pause() throws InterruptedException {
    lock.lock();
    try {
      long leftNanos = PAUSE.toNanos();
      while (leftNanos > 0 && !isClosed) {
        leftNanos = isWanted.awaitNanos(leftNanos);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Writes what has gathered; lines that come later are lost. */
  @Override
  public void close() {
    lock.lock();
    try {
      isClosed = true;
      isWanted.signal();
    } finally {
      lock.unlock();
    }
    try {
      writer.join(END_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
