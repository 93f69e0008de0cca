package io.weir.store;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * How a file becomes durable: written under another name, forced, renamed, and the folder forced.
 * After a crash at any instant the name is either absent or stands for the whole content.
 */
final class Durable {

  private static final int BUFFER_BYTES = 64 << 10;

  private Durable() {}

  /**
   * Renames {@code from}, whose content the caller has forced, to {@code to}, and forces the
   * folder.
   */
  static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Path folder = to.getParent();
    if (folder != null) {
      forceFolder(folder);
    }
  }

  /**
   * What a file shall hold.
   *
   * @param <E> what can go wrong while it is made
   */
  interface Content<E extends Exception> {
    /** Writes it, and leaves {@code out}, which has a buffer, open. */
    void writeTo(OutputStream out) throws IOException, E;
  }

  /**
   * Puts {@code content} at {@code path} in one step, by way of {@code fresh}, which no one else
   * writes to, and which is gone again where this fails.
   */
  static void replace(Path path, Path fresh, byte[] content) throws IOException {
    Durable.<RuntimeException>replace(path, fresh, out -> out.write(content));
  }

  /** The same for content that is made while it is written. */
  static <E extends Exception> void replace(Path path, Path fresh, Content<E> content)
      throws IOException, E {
    try {
      try (FileChannel channel =
          FileChannel.open(
              fresh,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        OutputStream out =
            new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      rename(fresh, path);
    } catch (Throwable e) {
      deleteAfter(e, fresh);
      throw e;
    }
  }

  private static void deleteAfter(Throwable failure, Path fresh) {
    try {
      Files.deleteIfExists(fresh);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Writes all of {@code bytes} at the channel's position. */
  static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      int _ = channel.write(bytes);
    }
  }

  private static void forceFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
