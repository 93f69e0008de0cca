package io.weir.store;

import java.io.IOException;
import java.nio.ByteBuffer;
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
   * Puts {@code content} at {@code path} in one step, by way of {@code fresh}, which no one else
   * writes to, and which is gone afterwards.
   */
  static void replace(Path path, Path fresh, byte[] content) throws IOException {
    try {
      write(fresh, content);
      rename(fresh, path);
    } catch (IOException e) {
      deleteQuietly(fresh, e);
      throw e;
    }
  }

  private static void write(Path fresh, byte[] content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeFully(channel, ByteBuffer.wrap(content));
      channel.force(true);
    }
  }

  /** What was written of it holds room, and on a full disk that is what is missing. */
  private static void deleteQuietly(Path fresh, IOException cause) {
    try {
      Files.deleteIfExists(fresh);
    } catch (IOException e) {
      cause.addSuppressed(e);
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
