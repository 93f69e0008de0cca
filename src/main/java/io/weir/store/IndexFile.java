package io.weir.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index's SQLite file, and what is done when it is damaged or gone, or the disk does not take
 * it. It is in one of three states:
 *
 * <ul>
 *   <li>open, the usual one;
 *   <li>read as it is: the disk takes no writes, but what the file holds can be asked for;
 *   <li>off: nothing is known, and that is answered at once.
 * </ul>
 *
 * <p>Off at first. {@link #read} may be called on any thread; everything else only on the thread
 * that writes.
 */
final class IndexFile {

  private static final Logger LOG = LoggerFactory.getLogger(IndexFile.class);

  private static final int SQLITE_CORRUPT = 11;
  private static final int SQLITE_NOTADB = 26;

  private final StoreFolder folder;
  private final Path file;
  private volatile @Nullable Connections connections;

  IndexFile(StoreFolder folder) {
    this.folder = folder;
    this.file = folder.layout().database();
  }

  /**
   * Opens or creates the file. One that is damaged is set aside. May be tried again.
   *
   * @throws SQLException where that does not work now; what the file holds may be readable still
   * @throws IOException the same
   */
  void open() throws SQLException, IOException {
    SqliteLibrary.load();
    try {
      folder.prepare();
      use(openOrSetAside());
    } catch (StoreFolder.Refused e) {
      throw e; // another process may write it
    } catch (SQLException | IOException e) {
      readAsItIs(e);
      throw e;
    }
  }

  private Connections openOrSetAside() throws SQLException, IOException {
    try {
      return Connections.writable(file);
    } catch (SQLException e) {
      boolean isOurs = e.getErrorCode() == 0; // cut short, or of another version
      if (!isOurs && !isDamage(e)) {
        throw e; // a full disk, say: the file itself may be sound
      }
      setAside(e);
      return Connections.writable(file);
    }
  }

  private void readAsItIs(Exception cause) {
    if (connections != null) {
      return;
    }
    try {
      connections = Connections.readOnly(file);
    } catch (SQLException | IOException e) {
      cause.addSuppressed(e);
    }
  }

  private void use(Connections opened) throws SQLException {
    Connections before = connections;
    connections = opened;
    if (before != null) {
      before.close();
    }
  }

  private void setAside(SQLException cause) throws IOException {
    if (Files.exists(file)) {
      Files.move(file, sibling(".damaged"), StandardCopyOption.REPLACE_EXISTING);
    }
    Files.deleteIfExists(sibling("-wal"));
    Files.deleteIfExists(sibling("-shm"));
    LOG.warn(
        "the index {} cannot be used and is made anew; tags are asked again upstream, blobs are kept: {}",
        file,
        cause.getMessage());
  }

  private Path sibling(String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  /** The connection that writes; null where the file is not open for writing. Any thread. */
  @Nullable Database writer() {
    Connections now = connections;
    return now == null ? null : now.writer();
  }

  /**
   * Asks the file.
   *
   * @param unknown the answer where it is off
   * @throws SQLException where it cannot answer
   */
  <T> T read(Connections.Read<T> read, T unknown) throws SQLException {
    Connections now = connections;
    return now == null ? unknown : now.read(read);
  }

  /** Whether a failure means that the file itself is damaged. */
  static boolean isDamage(SQLException e) {
    int code = e.getErrorCode() & 0xff;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  }

  /** Sets the file aside and begins a new one. Nothing is known meanwhile. */
  void replace(SQLException damage) throws SQLException, IOException {
    close();
    setAside(damage);
    open();
  }

  /** Whether somebody removed the file while it was open: what is written to it would be lost. */
  boolean isGone() {
    return writer() != null && Files.notExists(file);
  }

  /** Closes every connection, waiting for those in use. It is off then. */
  void close() throws SQLException {
    Connections before = connections;
    connections = null;
    if (before != null) {
      before.close();
    }
  }
}
