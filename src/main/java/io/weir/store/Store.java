package io.weir.store;

import io.weir.oci.Digest;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A store folder, opened and locked: its {@link Blobs} and its {@link Index}. */
public final class Store implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Store.class);

  private final Layout layout;
  private final FileChannel lock;
  private final Blobs blobs;
  private final SqliteIndex index;
  private final Restoration restoration;
  private final List<Consumer<Digest>> quarantineListeners = new CopyOnWriteArrayList<>();

  private Store(
      Layout layout, FileChannel lock, Blobs blobs, SqliteIndex index, Restoration restoration) {
    this.layout = layout;
    this.lock = lock;
    this.blobs = blobs;
    this.index = index;
    this.restoration = restoration;
  }

  /**
   * Opens the store in {@code root}, creating what is missing. Takes the same time for a large
   * store as for a small one; where the index was lost, it is filled again in the background.
   *
   * @param clock what time it is
   * @param uptime what the ages of pulls are measured with
   * @throws IOException where the folder cannot be used; the message says why and what to do
   */
  public static Store open(Path root, InstantSource clock, Uptime uptime) throws IOException {
    Layout layout = new Layout(root);
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new IOException("cannot create the store folder %s: %s".formatted(root, reason(e)), e);
    }
    FileChannel lock = lock(layout);
    try {
      if (!Files.exists(layout.marker())) {
        byte[] marker = "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8);
        Durable.replace(layout.marker(), root.resolve("oci-layout.new"), marker);
      }
      Blobs blobs = new FileBlobs(layout);
      ImageIndexFile imageIndex = new ImageIndexFile(layout);
      imageIndex.createIfMissing();
      SqliteLibrary.load();
      Restoration restoration = new Restoration(imageIndex, blobs);
      SqliteIndex index =
          new SqliteIndex(
              layout, blobs, new SteadyClock(clock, uptime), imageIndex, restoration::begin);
      return new Store(layout, lock, blobs, index, restoration);
    } catch (IOException e) {
      lock.close();
      throw cannotOpen(layout, e);
    }
  }

  private static IOException cannotOpen(Layout layout, IOException e) {
    return new IOException("cannot open the store %s: %s".formatted(layout.root(), reason(e)), e);
  }

  private static FileChannel lock(Layout layout) throws IOException {
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              layout.lock(),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw cannotOpen(layout, e);
    }
    if (tryLock(channel) == null) {
      String owner = owner(channel);
      channel.close();
      throw new IOException(
          "the store %s is in use by another process%s; stop it, or give this one a folder of its own (--data)"
              .formatted(layout.root(), owner));
    }
    channel.truncate(0);
    Durable.writeFully(
        channel,
        ByteBuffer.wrap(
            Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
    return channel;
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this very process has it open
    }
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(32);
    int _ = channel.read(text, 0);
    String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
    return pid.isEmpty() ? "" : " (process " + pid + ")";
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    return e.getClass() == IOException.class && message != null
        ? message
        : e.getClass().getSimpleName().replace("Exception", "") + ": " + message;
  }

  /** The bytes. */
  public Blobs blobs() {
    return blobs;
  }

  /** The facts. */
  public Index index() {
    return index;
  }

  /** The facts, for those who look after the store. */
  public Inventory inventory() {
    return index.inventory();
  }

  /** What stays whatever happens. */
  public PinFile pins() {
    return new PinFile(layout.pins());
  }

  /**
   * What is taken beside content, and what there is. A few system calls.
   *
   * <p>{@link java.io.File} asks the file system itself, where {@link java.nio.file.FileStore}
   * reads the table of mounts first.
   */
  public Footprint footprint() {
    File root = layout.root().toFile();
    return new Footprint(
        bytesIn(layout.root()) + bytesIn(layout.quarantineFolder()),
        bytesIn(layout.incomingFolder()),
        root.getTotalSpace(),
        root.getUsableSpace());
  }

  /** The length of all files directly in {@code folder}. */
  private static long bytesIn(Path folder) {
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        bytes += Files.isRegularFile(file) ? file.toFile().length() : 0;
      }
    } catch (IOException e) {
      return bytes; // a folder that is not there holds nothing
    }
    return bytes;
  }

  /** Calls {@code listener} with what was put into quarantine, on the thread that did so. */
  public void onQuarantine(Consumer<Digest> listener) {
    quarantineListeners.add(listener);
  }

  /**
   * Takes content out of use because it is damaged: its file is kept for a look, the index knows
   * that it is not stored any more, and the next pull fetches it anew.
   *
   * @throws IOException where the disk takes no change; the content then stays as it is
   */
  public void quarantine(Digest digest) throws IOException {
    blobs.quarantine(digest);
    inventory().lost(digest);
    quarantineListeners.forEach(listener -> listener.accept(digest));
  }

  /** Waits until a lost index has been filled again. */
  void awaitRestoration() {
    restoration.await();
  }

  /** Writes what waits to be written and gives the folder free. */
  @Override
  public void close() throws IOException {
    try (lock) {
      restoration.await();
      index.close();
    }
  }

  /** Fills an index that was lost, in the background, from what the image layout still knows. */
  private record Restoration(
      ImageIndexFile imageIndex, Blobs blobs, AtomicReference<@Nullable Thread> last) {

    Restoration(ImageIndexFile imageIndex, Blobs blobs) {
      this(imageIndex, blobs, new AtomicReference<>());
    }

    void begin(Index index) {
      last.set(Thread.ofVirtual().name("restore-index").start(() -> fill(index)));
    }

    private void fill(Index index) {
      int restored = imageIndex.restoreInto(index, blobs);
      if (restored > 0) {
        LOG.info("the index was made anew from index.json: {} manifests found again", restored);
      }
    }

    void await() {
      Thread thread = last.get();
      try {
        if (thread != null) {
          thread.join();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
