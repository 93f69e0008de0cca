package io.weir.logging;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * Writes lines at once while there are few, and in large pieces while there are many: when none
 * waits any more, what is there is written, and others may gather for a moment. Whoever logs need
 * not wake the log's thread meanwhile; waking it and writing one line costs more than all that was
 * done to make the line.
 */
final class BatchedOutput extends FilterOutputStream {

  private static final int BUFFER_BYTES = 64 << 10;
  private static final Duration PAUSE = Duration.ofMillis(10);

  private final IntSupplier waiting;

  /**
   * Lines on their way to {@code target}.
   *
   * @param target stays open
   * @param waiting how many lines will follow without anybody's doing
   */
  BatchedOutput(OutputStream target, IntSupplier waiting) {
    super(new BufferedOutputStream(target, BUFFER_BYTES));
    this.waiting = waiting;
  }

  @Override
  public void write(byte[] line, int offset, int length) throws IOException {
    out.write(line, offset, length);
    if (waiting.getAsInt() == 0) {
      out.flush();
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  @Override
  public void close() throws IOException {
    out.flush();
  }
}
