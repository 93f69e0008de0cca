package io.weir.store;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
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
import java.util.Objects;
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
  static final int SCHEMA_VERSION = 2;

  private static final String SCHEMA = "schema.sql";

  private static final int HEADER_BYTES = 100;
  private static final int HEADER_PAGE_SIZE = 16;
  private static final int HEADER_PAGE_COUNT = 28;

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
    Database database = open(file, false);
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
    return open(file, true);
  }

  private static Database open(Path file, boolean readOnly) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(JournalMode.WAL);
    config.setSynchronous(SynchronousMode.NORMAL);
    config.setBusyTimeout(10_000);
    if (readOnly) {
      config.setReadOnly(true);
    }
    return new Database(config.createConnection("jdbc:sqlite:" + file));
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
      int _ = statement.executeUpdate(schema()); // all of its statements
      statement.execute("PRAGMA user_version = " + SCHEMA_VERSION);
    }
    connection.commit();
    isNew = true;
  }

  private static String schema() {
    try (InputStream text = Database.class.getResourceAsStream(SCHEMA)) {
      return new String(
          Objects.requireNonNull(text, SCHEMA).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  /**
   * Runs a statement that changes rows. Arguments are strings, longs, byte arrays or null.
   *
   * @return how many rows
   */
  @CanIgnoreReturnValue
  int update(String sql, @Nullable Object... arguments) throws SQLException {
    return bound(sql, arguments).executeUpdate();
  }

  /** Runs a statement without arguments that is seldom needed. */
  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean _ = statement.execute(sql);
    }
  }

  /** Runs a statement that says 1 or 0. */
  boolean is(String sql, @Nullable Object... arguments) throws SQLException {
    return id(sql, arguments) != 0;
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
