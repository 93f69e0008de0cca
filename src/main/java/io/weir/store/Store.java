package io.weir.store;

import io.weir.oci.Digest;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** A store folder, opened and locked: its {@link Blobs} and its {@link Index}. */
public final class Store implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Store.class);

  private static final Duration LOOK_HOLDS = Duration.ofSeconds(1);

  private final StoreFolder folder;
  private final Blobs blobs;
  private final SqliteIndex index;
  private final Restoration restoration;
  private final List<Consumer<Digest>> quarantineListeners = new CopyOnWriteArrayList<>();
  private final List<Runnable> recoveryListeners;
  private volatile @Nullable Look lastLook;

  /** How much the index was found to take, and when. */
  private record Look(long nanos, long bytes) {}

  private Store(
      StoreFolder folder,
      Blobs blobs,
      SqliteIndex index,
      Restoration restoration,
      List<Runnable> recoveryListeners) {
    this.folder = folder;
    this.blobs = blobs;
    this.index = index;
    this.restoration = restoration;
    this.recoveryListeners = recoveryListeners;
  }

  /**
   * Loads what every store needs, ahead of {@link #open}. Blocks.
   *
   * @throws IOException where SQLite's library cannot be loaded
   */
  public static void prepare() throws IOException {
    SqliteLibrary.load();
    JsonMapper _ = JsonMapper.shared();
  }

  /**
   * Opens the store in {@code root}, creating what is missing. Takes the same time for a large
   * store as for a small one; where the index was lost, it is filled again in the background.
   *
   * <p>A disk that is full, read-only or fails is no obstacle: what can be read is served, and what
   * could not be made is tried again every few seconds.
   *
   * @param clock what time content is stored at that is found again
   * @param uptime what the ages of pulls are measured with
   * @throws IOException where somebody has to mend something first: another process uses the
   *     folder, it is no folder, or may not be used; the message says which and what to do
   */
  public static Store open(Path root, InstantSource clock, Uptime uptime) throws IOException {
    Layout layout = new Layout(root);
    StoreFolder folder = new StoreFolder(layout);
    try {
      folder.prepare();
    } catch (StoreFolder.Refused e) {
      folder.close();
      throw e;
    } catch (IOException e) {
      // The index meets the same, says so, and tries it again until it works.
      LOG.debug("the store cannot be prepared", e);
    }
    Blobs blobs = new FileBlobs(layout);
    ImageIndexFile imageIndex = new ImageIndexFile(layout);
    Restoration restoration = new Restoration(imageIndex, blobs, clock);
    List<Runnable> recoveryListeners = new CopyOnWriteArrayList<>();
    SqliteIndex index =
        new SqliteIndex(
            folder,
            blobs,
            new SteadyClock(clock, uptime),
            imageIndex,
            restoration::begin,
            () -> recoveryListeners.forEach(Runnable::run));
    return new Store(folder, blobs, index, restoration, recoveryListeners);
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
    return new PinFile(folder.layout().pins());
  }

  /**
   * What is taken beside content, and what there is. A few system calls, for a client waits for
   * them: the index and what lies beside it is looked at once a second at most.
   *
   * <p>{@link java.io.File} asks the file system itself, where {@link java.nio.file.FileStore}
   * reads the table of mounts first.
   */
  public Footprint footprint() {
    File root = folder.layout().root().toFile();
    return new Footprint(
        indexBytes() + bytesIn(folder.layout().quarantineFolder()),
        bytesIn(folder.layout().incomingFolder()),
        root.getTotalSpace(),
        root.getUsableSpace());
  }

  private long indexBytes() {
    Look last = lastLook;
    if (last == null || System.nanoTime() - last.nanos() > LOOK_HOLDS.toNanos()) {
      last = new Look(System.nanoTime(), bytesIn(folder.layout().root()));
      lastLook = last;
    }
    return last.bytes();
  }

  /** The length of all files directly in {@code folder}. */
  private static long bytesIn(Path folder) {
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        bytes += bytesOf(file);
      }
    } catch (IOException e) {
      return bytes; // a folder that is not there holds nothing
    }
    return bytes;
  }

  private static long bytesOf(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.isRegularFile() ? attributes.size() : 0;
    } catch (IOException e) {
      return 0; // it has gone meanwhile
    }
  }

  /**
   * Calls {@code listener} when the index has lost changes and takes them again, on its thread, for
   * which the listener must not wait.
   */
  public void onRecovery(Runnable listener) {
    recoveryListeners.add(listener);
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

  /**
   * Writes what waits to be written and gives the folder free. A lost index that is being filled is
   * left half filled, and filled again by the next start.
   */
  @Override
  public void close() throws IOException {
    try (folder) {
      restoration.stop();
      index.close();
    }
  }
}
