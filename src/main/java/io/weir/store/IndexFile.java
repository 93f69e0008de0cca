package io.weir.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index's SQLite file: one connection that writes, a few that read, and what is done when the
 * file turns out to be damaged.
 *
 * <p>{@link #read} may be called on any thread; everything else only on the thread that writes.
 */
final class IndexFile {

  private static final Logger LOG = LoggerFactory.getLogger(IndexFile.class);

  private static final int READERS = 4;

  /**
   * A read takes microseconds; whoever waits longer than this waits for a file that is being
   * replaced.
   */
  private static final long READER_SECONDS_MAX = 5;

  private static final int SQLITE_CORRUPT = 11;
  private static final int SQLITE_NOTADB = 26;

  /** A question to the index. */
  interface Read<T> {
    T from(Database database) throws SQLException;
  }

  private final Path file;
  private final BlockingQueue<Database> readers = new ArrayBlockingQueue<>(READERS);
  private Database writer;

  /**
   * Opens or creates the file. One that is damaged is set aside.
   *
   * @throws IOException where the folder takes no file
   */
  IndexFile(Path file) throws IOException {
    this.file = file;
    boolean isThere = Files.exists(file);
    Database opened;
    try {
      opened = open();
    } catch (SQLException e) {
      boolean isOurs = e.getErrorCode() == 0; // cut short, or of another version
      if (!isThere || !(isOurs || isDamage(e))) {
        throw unusable(e); // a full disk, say: the file itself may be sound
      }
      setAside(e);
      try {
        opened = open();
      } catch (SQLException again) {
        throw unusable(again);
      }
    }
    this.writer = opened;
  }

  private IOException unusable(SQLException e) {
    return new IOException("cannot create the index " + file + ": " + e.getMessage(), e);
  }

  private Database open() throws SQLException {
    Database opened = Database.openForWriting(file);
    try {
      while (readers.remainingCapacity() > 0) {
        readers.add(Database.openForReading(file));
      }
      return opened;
    } catch (SQLException e) {
      closeReaders(readers.size());
      opened.close();
      throw e;
    }
  }

  private void setAside(SQLException cause) throws IOException {
    LOG.warn(
        "the index {} cannot be used and is made anew; tags are asked again upstream, blobs are kept: {}",
        file,
        cause.getMessage());
    if (Files.exists(file)) {
      Files.move(file, sibling(".damaged"), StandardCopyOption.REPLACE_EXISTING);
    }
    Files.deleteIfExists(sibling("-wal"));
    Files.deleteIfExists(sibling("-shm"));
  }

  private Path sibling(String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  /** Whether the file holds nothing yet: there was none, or it was damaged. */
  boolean isNew() {
    return writer.isNew();
  }

  /** The connection that writes. */
  Database writer() {
    return writer;
  }

  /**
   * Asks the file.
   *
   * @throws SQLException where it cannot answer
   */
  <T> T read(Read<T> read) throws SQLException {
    Database reader;
    try {
      reader = readers.poll(READER_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted while waiting for a connection", e);
    }
    if (reader == null) {
      throw new SQLException("no connection became free within " + READER_SECONDS_MAX + " s");
    }
    try {
      return read.from(reader);
    } finally {
      readers.add(reader);
    }
  }

  /** Whether a failure means that the file itself is damaged. */
  static boolean isDamage(SQLException e) {
    int code = e.getErrorCode() & 0xff;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  }

  /** Sets the file aside and begins a new one. Reads wait meanwhile. */
  void replace(SQLException damage) throws SQLException, IOException {
    close();
    setAside(damage);
    writer = open();
  }

  /** Closes every connection, waiting for those in use. */
  void close() throws SQLException {
    closeReaders(READERS);
    writer.close();
  }

  private void closeReaders(int count) throws SQLException {
    try {
      for (int i = 0; i < count; i++) {
        Database reader = readers.poll(READER_SECONDS_MAX, TimeUnit.SECONDS);
        if (reader != null) {
          reader.close();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
