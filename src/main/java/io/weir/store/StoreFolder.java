package io.weir.store;

import io.weir.oci.MediaType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The store's folder: made, locked against other processes, and marked as an image layout. Not
 * thread-safe.
 */
final class StoreFolder implements AutoCloseable {

  private static final String MARKER = "{\"imageLayoutVersion\":\"1.0.0\"}";
  private static final String NO_IMAGES =
      "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[]}".formatted(MediaType.OCI_INDEX);

  /** The folder cannot be used until somebody mends that; the message says what is wrong. */
  static final class Refused extends IOException {

    private static final long serialVersionUID = 1L;

    private Refused(String message, @Nullable IOException cause) {
      super(message, cause);
    }
  }

  private final Layout layout;
  private @Nullable FileChannel lock;

  StoreFolder(Layout layout) {
    this.layout = layout;
  }

  /** What lies where in it. */
  Layout layout() {
    return layout;
  }

  /**
   * Makes what is missing, and takes the lock. Writes nothing where nothing is missing, and can be
   * repeated at any time.
   *
   * @throws Refused where another process has it, it is something else, or may not be used
   * @throws IOException where the disk does not take it: it is full, read-only or fails
   */
  void prepare() throws IOException {
    try {
      Files.createDirectories(layout.root());
    } catch (IOException e) {
      throw isBelowAFile() || isRefusal(e) ? refused("create the store folder", e) : e;
    }
    try {
      if (lock == null || Files.notExists(layout.lock())) {
        close();
        lock = lock();
      }
      FileBlobs.createFolders(layout);
      putIfMissing(layout.marker(), MARKER);
      putIfMissing(layout.imageIndex(), NO_IMAGES);
    } catch (IOException e) {
      throw isRefusal(e) ? refused("open the store", e) : e;
    }
  }

  private boolean isBelowAFile() {
    Path above = layout.root().toAbsolutePath();
    while (above != null && Files.notExists(above)) {
      above = above.getParent();
    }
    return above != null && !Files.isDirectory(above);
  }

  /** These do not go away by themselves, as a full disk does. */
  private static boolean isRefusal(IOException e) {
    return e instanceof AccessDeniedException
        || e instanceof FileAlreadyExistsException
        || e instanceof NoSuchFileException;
  }

  private Refused refused(String what, IOException e) {
    return new Refused("cannot %s %s: %s".formatted(what, layout.root(), reason(e)), e);
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    return e.getClass() == IOException.class && message != null
        ? message
        : e.getClass().getSimpleName().replace("Exception", "") + ": " + message;
  }

  private static void putIfMissing(Path path, String content) throws IOException {
    if (Files.notExists(path)) {
      Durable.replace(
          path,
          path.resolveSibling(path.getFileName() + ".new"),
          content.getBytes(StandardCharsets.UTF_8));
    }
  }

  private FileChannel lock() throws IOException {
    FileChannel channel =
        FileChannel.open(
            layout.lock(),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    if (tryLock(channel) == null) {
      String owner = owner(channel);
      channel.close();
      throw new Refused(
          "the store %s is in use by another process%s; stop it, or give this one a folder of its own (--data)"
              .formatted(layout.root(), owner),
          null);
    }
    sign(channel);
    return channel;
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this very process has it open
    }
  }

  private static void sign(FileChannel channel) {
    String pid = Long.toString(ProcessHandle.current().pid());
    try {
      channel.truncate(0);
      Durable.writeFully(channel, ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)));
    } catch (IOException e) {
      // The lock is held all the same; whoever is refused is not told by whom.
    }
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(32);
    int _ = channel.read(text, 0);
    String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
    return pid.isEmpty() ? "" : " (process " + pid + ")";
  }

  /** Gives the folder free. */
  @Override
  public void close() throws IOException {
    if (lock != null) {
      lock.close();
      lock = null;
    }
  }
}
