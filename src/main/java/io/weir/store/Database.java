package io.weir.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * One connection to the index's SQLite file, with its prepared statements. Not thread-safe.
 *
 * <p>The journal is a write-ahead log with {@code synchronous=NORMAL}: a killed process loses
 * nothing, a power cut may lose the last transactions but never tears the file. What a lost
 * transaction costs is a request upstream.
 */
final class Database implements AutoCloseable {

  /**
   * Raised when the tables change in a way that older files do not follow; such a file is set aside
   * and made anew.
   */
  static final int SCHEMA_VERSION = 1;

  private static final String[] SCHEMA = {
    """
    CREATE TABLE repository (
      id INTEGER PRIMARY KEY,
      upstream TEXT NOT NULL,
      name TEXT NOT NULL,
      UNIQUE (upstream, name))
    """,
    // Everything with a digest. media_type is set for manifests only; stored_at is null for what is
    // only known of.
    """
    CREATE TABLE content (
      id INTEGER PRIMARY KEY,
      digest TEXT NOT NULL UNIQUE,
      size_bytes INTEGER,
      media_type TEXT,
      stored_at INTEGER)
    """,
    // Upstream has shown this content in this repository.
    """
    CREATE TABLE link (
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      content_id INTEGER NOT NULL REFERENCES content (id),
      pulled_at INTEGER,
      PRIMARY KEY (repository_id, content_id)) WITHOUT ROWID
    """,
    "CREATE INDEX link_by_content ON link (content_id)",
    // What a manifest points at.
    """
    CREATE TABLE child (
      parent_id INTEGER NOT NULL REFERENCES content (id),
      child_id INTEGER NOT NULL REFERENCES content (id),
      PRIMARY KEY (parent_id, child_id)) WITHOUT ROWID
    """,
    "CREATE INDEX child_by_child ON child (child_id)",
    """
    CREATE TABLE tag (
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      name TEXT NOT NULL,
      content_id INTEGER NOT NULL REFERENCES content (id),
      checked_at INTEGER NOT NULL,
      PRIMARY KEY (repository_id, name)) WITHOUT ROWID
    """,
    "CREATE INDEX tag_by_content ON tag (content_id)",
    // Answers that are no content: lists of tags and of referrers.
    """
    CREATE TABLE document (
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      name TEXT NOT NULL,
      content BLOB NOT NULL,
      checked_at INTEGER NOT NULL,
      PRIMARY KEY (repository_id, name)) WITHOUT ROWID
    """,
  };

  private static final int HEADER_BYTES = 100;
  private static final int HEADER_PAGE_SIZE = 16;
  private static final int HEADER_PAGE_COUNT = 28;

  /**
   * SQLite's file layer for files that one process only uses. It keeps what connections share in
   * memory; the usual one maps a file, and where the disk has no room for a page of that, the
   * kernel ends the process (SIGBUS), as was seen on a full ext4 with blocks of 1 KiB.
   *
   * @see <a href="https://www.sqlite.org/vfs.html#standard_unix_vfses">standard Unix VFSes</a>
   */
  private static final String ONE_PROCESS = "vfs=unix-excl";

  private final Connection connection;
  private boolean isNew;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  private Database(Connection connection) {
    this.connection = connection;
  }

  /**
   * Opens {@code file}, creating it and its tables where there are none.
   *
   * @throws SQLException where it is no database of ours, or shorter than it says it is
   */
  static Database openForWriting(Path file) throws SQLException {
    refuseCut(file);
    Database database = open(file);
    try {
      database.connection.setAutoCommit(false);
      database.migrate();
      return database;
    } catch (SQLException e) {
      database.close();
      throw e;
    }
  }

  /**
   * SQLite notices a file that was cut short only when it comes to a page that is gone. The header
   * tells at once, unless a write-ahead log holds what the file does not have yet.
   *
   * @see <a href="https://www.sqlite.org/fileformat2.html#the_database_header">the database
   *     header</a>
   */
  private static void refuseCut(Path file) throws SQLException {
    try {
      Path log = file.resolveSibling(file.getFileName() + "-wal");
      if (!Files.exists(file) || (Files.exists(log) && Files.size(log) > 0)) {
        return;
      }
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        int length = channel.read(header);
        long pageBytes = header.getShort(HEADER_PAGE_SIZE) & 0xffff;
        long pages = header.getInt(HEADER_PAGE_COUNT) & 0xffff_ffffL;
        boolean isCut = length > 0 && (length < HEADER_BYTES || channel.size() < pages * pageBytes);
        if (isCut) {
          throw new SQLException("the file is shorter than its header says");
        }
      }
    } catch (IOException e) {
      throw new SQLException("the file cannot be read: " + e.getMessage(), e);
    }
  }

  /** Opens an existing {@code file} for reading. */
  static Database openForReading(Path file) throws SQLException {
    return open(file);
  }

  private static Database open(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(JournalMode.WAL);
    config.setSynchronous(SynchronousMode.NORMAL);
    config.setBusyTimeout(10_000);
    String url = "jdbc:sqlite:file:%s?%s".formatted(file.toUri().getRawPath(), ONE_PROCESS);
    return new Database(config.createConnection(url));
  }

  private void migrate() throws SQLException {
    int version = queryInt("PRAGMA user_version");
    if (version == SCHEMA_VERSION) {
      return;
    }
    if (version != 0 || queryInt("SELECT count(*) FROM sqlite_schema") != 0) {
      throw new SQLException(
          "the index has schema version %d, not %d".formatted(version, SCHEMA_VERSION));
    }
    try (Statement statement = connection.createStatement()) {
      for (String table : SCHEMA) {
        statement.execute(table);
      }
      statement.execute("PRAGMA user_version = " + SCHEMA_VERSION);
    }
    connection.commit();
    isNew = true;
  }

  /** Whether this opening made the tables: there were none. */
  boolean isNew() {
    return isNew;
  }

  private int queryInt(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getInt(1) : 0;
    }
  }

  /** Runs a statement that changes rows. Arguments are strings, longs, byte arrays or null. */
  void update(String sql, @Nullable Object... arguments) throws SQLException {
    int _ = bound(sql, arguments).executeUpdate();
  }

  /**
   * Runs a statement that gives rows; the caller closes them before the next use of the same
   * statement.
   */
  ResultSet query(String sql, @Nullable Object... arguments) throws SQLException {
    return bound(sql, arguments).executeQuery();
  }

  /** Runs a statement that gives the id of exactly one row. */
  long id(String sql, @Nullable Object... arguments) throws SQLException {
    try (ResultSet row = query(sql, arguments)) {
      if (!row.next()) {
        throw new SQLException("no row from: " + sql);
      }
      return row.getLong(1);
    }
  }

  private PreparedStatement bound(String sql, @Nullable Object[] arguments) throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      statements.put(sql, statement);
    }
    for (int i = 0; i < arguments.length; i++) {
      statement.setObject(i + 1, arguments[i]);
    }
    return statement;
  }

  void commit() throws SQLException {
    connection.commit();
  }

  void rollback() throws SQLException {
    connection.rollback();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
