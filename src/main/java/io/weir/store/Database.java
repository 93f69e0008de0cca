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
   * Raised when the tables change. A file of the version before is brought to this one; an older
   * one is set aside and made anew.
   */
  static final int SCHEMA_VERSION = 3;

  private static final String SCHEMA = "schema.sql";

  /** Makes version 3 of version 2. */
  private static final String MIGRATION = "schema-3.sql";

  /** Names of rows in {@code meta}. */
  private static final String RESTORATION = "restoration";

  private static final String UNREAD_CONFIGS = "unread-configs";

  private static final String PROBE = "probe";

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

  /**
   * For a file that nobody writes.
   *
   * @see <a href="https://www.sqlite.org/uri.html#uriimmutable">immutable=1</a>
   */
  private static final String UNCHANGING = "immutable=1";

  private final Connection connection;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  private Database(Connection connection) {
    this.connection = connection;
  }

  /**
   * Opens {@code file}, creating it and its tables where there are none.
   *
   * @throws SQLException with an error code of SQLite, or with 0 where it is no database of ours or
   *     shorter than it says it is
   * @throws IOException where it cannot be read
   */
  static Database openForWriting(Path file) throws SQLException, IOException {
    refuseCut(file);
    Database database = open(file, ONE_PROCESS, false);
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
  private static void refuseCut(Path file) throws SQLException, IOException {
    if (Files.isDirectory(file)) {
      throw new SQLException("it is a folder");
    }
    if (!Files.exists(file) || hasLog(file)) {
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
  }

  /** Whether a write-ahead log holds what the file may not have yet. */
  private static boolean hasLog(Path file) throws IOException {
    Path log = file.resolveSibling(file.getFileName() + "-wal");
    return Files.exists(log) && Files.size(log) > 0;
  }

  /** Opens an existing {@code file} for reading beside a connection that writes. */
  static Database openForReading(Path file) throws SQLException {
    return open(file, ONE_PROCESS, false);
  }

  /**
   * Opens an existing {@code file} for reading on a disk that takes no writes, not even locks.
   *
   * @throws SQLException where that is not possible: there is no file, or it has a log beside it
   *     that was not read in, or it is not of this version
   * @throws IOException where it cannot be read
   */
  static Database openReadOnly(Path file) throws SQLException, IOException {
    refuseCut(file);
    if (hasLog(file)) {
      throw new SQLException("its log cannot be read in");
    }
    Database database = open(file, UNCHANGING, true);
    try {
      int version = database.queryInt("PRAGMA user_version");
      if (version != SCHEMA_VERSION && version != SCHEMA_VERSION - 1) {
        throw unusable(version);
      }
      return database;
    } catch (SQLException e) {
      database.close();
      throw e;
    }
  }

  private static Database open(Path file, String parameter, boolean readOnly) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(JournalMode.WAL);
    config.setSynchronous(SynchronousMode.NORMAL);
    config.setBusyTimeout(10_000);
    config.setReadOnly(readOnly);
    String url = "jdbc:sqlite:file:%s?%s".formatted(file.toUri().getRawPath(), parameter);
    return new Database(config.createConnection(url));
  }

  private void migrate() throws SQLException {
    int version = queryInt("PRAGMA user_version");
    if (version == SCHEMA_VERSION) {
      return;
    }
    if (version == SCHEMA_VERSION - 1) {
      run(MIGRATION);
    } else if (version == 0 && queryInt("SELECT count(*) FROM sqlite_schema") == 0) {
      run(SCHEMA);
      update("INSERT INTO meta (name, value) VALUES (?, '')", RESTORATION);
    } else {
      throw unusable(version);
    }
    execute("PRAGMA user_version = " + SCHEMA_VERSION);
    connection.commit();
  }

  private static SQLException unusable(int version) {
    return new SQLException(
        "the index has schema version %d, not %d".formatted(version, SCHEMA_VERSION));
  }

  /** Runs all statements of a file beside this class. */
  private void run(String name) throws SQLException {
    try (InputStream text = Database.class.getResourceAsStream(name);
        Statement statement = connection.createStatement()) {
      int _ =
          statement.executeUpdate(
              new String(
                  Objects.requireNonNull(text, name).readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the tables were made anew, and {@link #restored} was not called since. */
  boolean isRestoring() throws SQLException {
    return hasNote(RESTORATION);
  }

  /** What could be found again after the tables were made anew is in them. */
  void restored() throws SQLException {
    update("DELETE FROM meta WHERE name = ?", RESTORATION);
  }

  /** Whether an earlier version wrote the tables, and {@link #configsRead} was not called since. */
  boolean hasUnreadConfigs() throws SQLException {
    return hasNote(UNREAD_CONFIGS);
  }

  /** What the configs of images say is in the tables. */
  void configsRead() throws SQLException {
    update("DELETE FROM meta WHERE name = ?", UNREAD_CONFIGS);
  }

  private boolean hasNote(String name) throws SQLException {
    try (ResultSet row = query("SELECT 1 FROM meta WHERE name = ?", name)) {
      return row.next();
    }
  }

  /** Writes something, to find out whether that works. */
  void probe() throws SQLException {
    update(
        "INSERT INTO meta (name, value) VALUES (?, 0) ON CONFLICT DO UPDATE SET value = value + 1",
        PROBE);
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
