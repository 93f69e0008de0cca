package io.weir.store;

import io.weir.oci.Digest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that the store could do without: damaged ones that are kept for a look, and blobs that
 * have come in part. Thread-safe.
 */
final class SpareFiles {

  private static final Logger LOG = LoggerFactory.getLogger(SpareFiles.class);

  /** Files are stamped by the machine's clock, whatever clock the server goes by. */
  private static final InstantSource CLOCK = InstantSource.system();

  /** What is done with a file that may go. */
  private interface Drop {
    /** Returns whether it is gone. */
    boolean of(Path file) throws IOException;
  }

  private final Layout layout;

  /** Held while one partial file is deleted, so that nobody begins to write to it meanwhile. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Set<Digest> inUse = new HashSet<>(); // guarded by lock

  SpareFiles(Layout layout) {
    this.layout = layout;
  }

  /** The partial file of {@code digest} is about to be opened for writing. */
  void using(Digest digest) {
    lock.lock();
    try {
      inUse.add(digest);
    } finally {
      lock.unlock();
    }
  }

  /** Nobody writes to the partial file of {@code digest} any more. */
  void left(Digest digest) {
    lock.lock();
    try {
      inUse.remove(digest);
    } finally {
      lock.unlock();
    }
  }

  /** See {@link Blobs#quarantine}. */
  void quarantine(Digest digest) throws IOException {
    Path damaged = layout.blob(digest);
    try {
      Files.createDirectories(layout.quarantineFolder());
      Files.setLastModifiedTime(damaged, FileTime.from(CLOCK.instant()));
      Files.move(
          damaged,
          layout.quarantined(digest),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException e) {
      // Somebody else was quicker.
    } catch (IOException e) {
      LOG.warn("a damaged file is not kept for a look: {}", e.toString());
      Files.deleteIfExists(damaged);
    }
  }

  /** See {@link Blobs#dropQuarantined}. */
  long dropQuarantined(Duration age) throws IOException {
    return drop(layout.quarantineFolder(), age, Files::deleteIfExists);
  }

  /** See {@link Blobs#dropPartial}. */
  long dropPartial(Duration age) throws IOException {
    return drop(layout.incomingFolder(), age, this::deleteUnlessInUse);
  }

  private boolean deleteUnlessInUse(Path file) throws IOException {
    Digest digest = Layout.digest(file).orElse(null);
    lock.lock();
    try {
      return digest != null && !inUse.contains(digest) && Files.deleteIfExists(file);
    } finally {
      lock.unlock();
    }
  }

  private static long drop(Path folder, Duration age, Drop drop) throws IOException {
    FileTime before = FileTime.from(CLOCK.instant().minus(age));
    long freedBytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        freedBytes += dropFile(file, before, drop);
      }
    } catch (NoSuchFileException e) {
      return 0; // nothing was ever put there
    }
    return freedBytes;
  }

  private static long dropFile(Path file, FileTime before, Drop drop) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      boolean mayGo =
          attributes.isRegularFile() && attributes.lastModifiedTime().compareTo(before) <= 0;
      return mayGo && drop.of(file) ? attributes.size() : 0;
    } catch (NoSuchFileException e) {
      return 0; // it went meanwhile
    }
  }
}
