package io.weir.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file with several users; the last one to leave closes it.
 *
 * <p>The file may be renamed or deleted meanwhile: who has it open reads on. Thread-safe.
 */
public final class SharedFile {

  private final FileChannel channel;
  private final AtomicInteger users = new AtomicInteger(1);

  /** Takes over {@code channel}; the caller is its first user. */
  public SharedFile(FileChannel channel) {
    this.channel = channel;
  }

  /** The file. Reads name their position, so users do not disturb each other. */
  public FileChannel channel() {
    return channel;
  }

  /**
   * Writes all of {@code bytes}.
   *
   * @param position where in the file they begin
   * @return how many they were
   */
  public int write(ByteBuffer bytes, long position) throws IOException {
    int count = bytes.remaining();
    long at = position;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
    return count;
  }

  /**
   * Becomes a user.
   *
   * @return false where the last user has already left; the file is then closed
   */
  public boolean tryRetain() {
    for (int now = users.get(); now > 0; now = users.get()) {
      if (users.compareAndSet(now, now + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Leaves. Each user calls this once. */
  public void release() {
    if (users.decrementAndGet() == 0) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
