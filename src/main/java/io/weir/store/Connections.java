package io.weir.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one opened index file: one that writes, if the disk takes writes, and a few
 * that read.
 *
 * <p>{@link #read} may be called on any thread; everything else only on the thread that writes.
 */
final class Connections {

  private static final int READERS = 4;

  /**
   * A read takes microseconds; whoever waits longer than this waits for connections that are being
   * closed.
   */
  private static final long READER_SECONDS_MAX = 5;

  /** A question to the index. */
  interface Read<T> {
    T from(Database database) throws SQLException;
  }

  private interface Opening {
    Database open(Path file) throws SQLException, IOException;
  }

  private final @Nullable Database writer;
  private final BlockingQueue<Database> readers = new ArrayBlockingQueue<>(READERS);

  private Connections(@Nullable Database writer, Opening reader, Path file)
      throws SQLException, IOException {
    this.writer = writer;
    try {
      while (readers.remainingCapacity() > 0) {
        readers.add(reader.open(file));
      }
    } catch (SQLException | IOException e) {
      close(readers.size());
      throw e;
    }
  }

  /** Opens or creates {@code file}, as {@link Database#openForWriting} does. */
  static Connections writable(Path file) throws SQLException, IOException {
    return new Connections(Database.openForWriting(file), Database::openForReading, file);
  }

  /** Opens {@code file} as {@link Database#openReadOnly} does. */
  static Connections readOnly(Path file) throws SQLException, IOException {
    return new Connections(null, Database::openReadOnly, file);
  }

  /** The connection that writes; null where the file was opened for reading only. */
  @Nullable Database writer() {
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

  /** Closes every connection, waiting for those in use. */
  void close() throws SQLException {
    close(READERS);
  }

  private void close(int count) throws SQLException {
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
    if (writer != null) {
      writer.close();
    }
  }
}
