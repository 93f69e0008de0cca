package io.weir.logging;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.IntSupplier;

/**
 * Writes lines at once while there are few, and in large pieces while more of them wait. A write of
 * one line costs more than all that was done to make it.
 */
final class BatchedOutput extends FilterOutputStream {

  private static final int BUFFER_BYTES = 64 << 10;

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
    }
  }

  @Override
  public void close() throws IOException {
    out.flush();
  }
}
