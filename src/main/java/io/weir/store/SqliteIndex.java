package io.weir.store;

import io.weir.oci.Descriptor;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index in a SQLite file.
 *
 * <p>One platform thread, {@code weir-index}, owns the only writing connection. It takes changes
 * from a bounded queue and commits all that wait in one transaction. Readers share a few
 * connections of their own; the write-ahead log lets them read while a batch is written.
 *
 * <p>A file that SQLite finds damaged is moved aside to {@code index.db.damaged} and a new one is
 * begun, at start and while running alike.
 */
final class SqliteIndex implements Index {

  private static final Logger LOG = LoggerFactory.getLogger(SqliteIndex.class);

  private static final int CHANGES_MAX = 1 << 16;
  private static final int BATCH_MAX = 1000;
  private static final int READERS = 4;
  private static final long PULLS_WRITTEN_EVERY_MILLIS = 5000;

  private static final int SQLITE_CORRUPT = 11;
  private static final int SQLITE_NOTADB = 26;

  private static final String REPOSITORY_ID =
      """
      INSERT INTO repository (upstream, name) VALUES (?, ?)
      ON CONFLICT DO UPDATE SET name = name RETURNING id\
      """;
  private static final String CONTENT_ID =
      "INSERT INTO content (digest) VALUES (?) ON CONFLICT DO UPDATE SET digest = digest RETURNING id";

  /** One queued write. Applied on the index thread inside a transaction. */
  private interface Change {
    void apply(Database database) throws SQLException;

    /** The batch has been committed, or given up. */
    default void settled() {}
  }

  private interface Read<T> {
    T from(Database database) throws SQLException;
  }

  private record Pull(Origin origin, Digest digest) {}

  private final Path file;
  private final ImageIndexFile imageIndex;
  private final BlockingQueue<Change> changes = new ArrayBlockingQueue<>(CHANGES_MAX);
  private final Map<Pull, Instant> pulls = new ConcurrentHashMap<>();
  private final BlockingQueue<Database> readers = new ArrayBlockingQueue<>(READERS);
  private final Thread writer;
  private final boolean isNew;

  /** Touched by the index thread only, after construction. */
  private Database database;

  private volatile boolean closing;
  private volatile boolean failing;

  /**
   * Opens or creates the index.
   *
   * @throws IOException where the folder takes no file
   */
  SqliteIndex(Layout layout, ImageIndexFile imageIndex) throws IOException {
    this.file = layout.database();
    this.imageIndex = imageIndex;
    Database opened;
    try {
      opened = openOrReplace();
    } catch (SQLException e) {
      throw new IOException("cannot create the index " + file + ": " + e.getMessage(), e);
    }
    this.database = opened;
    this.isNew = opened.isNew();
    this.writer = Thread.ofPlatform().name("weir-index").daemon(true).start(this::write);
  }

  /** Whether the file was made by this start: there was none, or it was damaged. */
  boolean isNew() {
    return isNew;
  }

  private Database openOrReplace() throws SQLException, IOException {
    boolean isThere = Files.exists(file);
    try {
      return openAll();
    } catch (SQLException e) {
      if (!isThere) {
        throw e;
      }
      setAside(e);
      return openAll();
    }
  }

  private Database openAll() throws SQLException {
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
    Files.move(file, sibling(".damaged"), StandardCopyOption.REPLACE_EXISTING);
    Files.deleteIfExists(sibling("-wal"));
    Files.deleteIfExists(sibling("-shm"));
  }

  private Path sibling(String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  // Reading, on any thread.

  @Override
  public Optional<TagRow> tag(Origin origin, Tag tag) {
    return read(
        db -> {
          try (ResultSet row =
              db.query(
                  """
                  SELECT digest, checked_at FROM tag
                  JOIN repository ON repository.id = repository_id
                  JOIN content ON content.id = content_id
                  WHERE upstream = ? AND repository.name = ? AND tag.name = ?\
                  """,
                  origin.upstream(),
                  origin.repository().name(),
                  tag.name())) {
            return row.next()
                ? Optional.of(
                    new TagRow(
                        Digest.parse(row.getString(1)), Instant.ofEpochMilli(row.getLong(2))))
                : Optional.empty();
          }
        },
        Optional.empty());
  }

  @Override
  public boolean isLinked(Origin origin, Digest digest) {
    return read(
        db -> {
          try (ResultSet row =
              db.query(
                  """
                  SELECT 1 FROM link
                  JOIN repository ON repository.id = repository_id
                  JOIN content ON content.id = content_id
                  WHERE upstream = ? AND name = ? AND digest = ?\
                  """,
                  origin.upstream(),
                  origin.repository().name(),
                  digest.toString())) {
            return row.next();
          }
        },
        false);
  }

  @Override
  public Optional<String> mediaType(Digest digest) {
    return read(
        db -> {
          try (ResultSet row =
              db.query(
                  "SELECT media_type FROM content WHERE digest = ? AND media_type IS NOT NULL",
                  digest.toString())) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
          }
        },
        Optional.empty());
  }

  @Override
  public Optional<DocumentRow> document(Origin origin, String name) {
    return read(
        db -> {
          try (ResultSet row =
              db.query(
                  """
                  SELECT content, checked_at FROM document
                  JOIN repository ON repository.id = repository_id
                  WHERE upstream = ? AND repository.name = ? AND document.name = ?\
                  """,
                  origin.upstream(),
                  origin.repository().name(),
                  name)) {
            return row.next()
                ? Optional.of(
                    new DocumentRow(row.getBytes(1), Instant.ofEpochMilli(row.getLong(2))))
                : Optional.empty();
          }
        },
        Optional.empty());
  }

  @Override
  public List<Origin> repositories(@Nullable String upstream) {
    return read(
        db -> {
          List<Origin> origins = new ArrayList<>();
          try (ResultSet row =
              db.query(
                  """
                  SELECT upstream, name FROM repository
                  WHERE (?1 IS NULL OR upstream = ?1) AND EXISTS (
                    SELECT 1 FROM link JOIN content ON content.id = content_id
                    WHERE repository_id = repository.id AND stored_at IS NOT NULL)
                  ORDER BY upstream, name\
                  """,
                  upstream)) {
            while (row.next()) {
              origins.add(new Origin(row.getString(1), Repository.parse(row.getString(2))));
            }
          }
          return origins;
        },
        List.of());
  }

  private <T> T read(Read<T> read, T otherwise) {
    Database reader;
    try {
      reader = readers.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return otherwise;
    }
    try {
      return read.from(reader);
    } catch (SQLException e) {
      if (isDamage(e)) {
        offer(db -> {
          throw e;
        });
      } else {
        LOG.warn("the index cannot be read: {}", e.getMessage());
      }
      return otherwise;
    } finally {
      readers.add(reader);
    }
  }

  // Queueing, on any thread.

  @Override
  public void putTag(Origin origin, Tag tag, Digest digest, Instant checkedAt) {
    imageIndex.changed();
    offer(db ->
        db.update(
            """
            INSERT INTO tag (repository_id, name, content_id, checked_at) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET content_id = excluded.content_id, checked_at = excluded.checked_at\
            """,
            repository(db, origin),
            tag.name(),
            content(db, digest),
            checkedAt.toEpochMilli()));
  }

  @Override
  public void removeTag(Origin origin, Tag tag) {
    imageIndex.changed();
    offer(db ->
        db.update(
            "DELETE FROM tag WHERE repository_id = ? AND name = ?",
            repository(db, origin),
            tag.name()));
  }

  @Override
  public void link(Origin origin, Digest digest) {
    offer(db -> link(db, origin, content(db, digest)));
  }

  @Override
  public void putManifest(
      Origin origin, Digest digest, Manifest manifest, long sizeBytes, Instant storedAt) {
    imageIndex.changed();
    offer(db -> {
      long id = content(db, digest);
      db.update(
          "UPDATE content SET size_bytes = ?, media_type = ?, stored_at = ? WHERE id = ?",
          sizeBytes,
          manifest.mediaType(),
          storedAt.toEpochMilli(),
          id);
      for (Descriptor child : manifest.children()) {
        db.update(
            "INSERT INTO child (parent_id, child_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            id,
            content(db, child.digest()));
      }
      link(db, origin, id);
    });
  }

  @Override
  public void putBlob(Origin origin, Digest digest, long sizeBytes, Instant storedAt) {
    offer(db -> {
      long id = content(db, digest);
      db.update(
          "UPDATE content SET size_bytes = ?, stored_at = ? WHERE id = ?",
          sizeBytes,
          storedAt.toEpochMilli(),
          id);
      link(db, origin, id);
    });
  }

  @Override
  public void putDocument(Origin origin, String name, byte[] content, Instant checkedAt) {
    offer(db ->
        db.update(
            """
            INSERT INTO document (repository_id, name, content, checked_at) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET content = excluded.content, checked_at = excluded.checked_at\
            """,
            repository(db, origin),
            name,
            content,
            checkedAt.toEpochMilli()));
  }

  @Override
  public void pulled(Origin origin, Digest digest, Instant at) {
    pulls.put(new Pull(origin, digest), at);
  }

  @Override
  public void flush() {
    CountDownLatch settled = new CountDownLatch(1);
    try {
      changes.put(
          new Change() {
            @Override
            public void apply(Database database) throws SQLException {
              writePulls();
            }

            @Override
            public void settled() {
              settled.countDown();
            }
          });
      settled.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void offer(Change change) {
    if (!changes.offer(change) && !failing) {
      failing = true;
      LOG.warn(
          "the index is behind by {} changes; later ones are dropped and will be learned again",
          CHANGES_MAX);
    }
  }

  private static long repository(Database db, Origin origin) throws SQLException {
    return db.id(REPOSITORY_ID, origin.upstream(), origin.repository().name());
  }

  private static long content(Database db, Digest digest) throws SQLException {
    return db.id(CONTENT_ID, digest.toString());
  }

  private static void link(Database db, Origin origin, long contentId) throws SQLException {
    db.update(
        "INSERT INTO link (repository_id, content_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        repository(db, origin),
        contentId);
  }

  // Writing, on the index thread.

  private void write() {
    List<Change> batch = new ArrayList<>();
    long pullsDueNanos =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PULLS_WRITTEN_EVERY_MILLIS);
    try {
      while (!closing || !changes.isEmpty()) {
        Change first = changes.poll(PULLS_WRITTEN_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          batch.add(first);
          changes.drainTo(batch, BATCH_MAX - 1);
        }
        if (System.nanoTime() - pullsDueNanos >= 0) {
          batch.add(db -> writePulls());
          pullsDueNanos =
              System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PULLS_WRITTEN_EVERY_MILLIS);
        }
        apply(batch);
        batch.forEach(Change::settled);
        batch.clear();
        imageIndex.writeIfDue(database);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void apply(List<Change> batch) {
    try {
      for (Change change : batch) {
        change.apply(database);
      }
      database.commit();
      failing = false;
    } catch (SQLException e) {
      undo(e);
    }
  }

  private void undo(SQLException failure) {
    if (isDamage(failure)) {
      beginAnew(failure);
      return;
    }
    try {
      database.rollback();
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
    if (!failing) {
      failing = true;
      LOG.warn(
          "the index cannot be written; what it misses will be learned again: {}",
          failure.getMessage());
    }
  }

  private void beginAnew(SQLException damage) {
    try {
      closeReaders(READERS);
      database.close();
      setAside(damage);
      database = openAll();
    } catch (SQLException | IOException e) {
      throw new UncheckedIOException(new IOException("the damaged index cannot be replaced", e));
    }
  }

  /** Takes {@code count} readers back, waiting for those in use, and closes them. */
  private void closeReaders(int count) throws SQLException {
    try {
      for (int i = 0; i < count; i++) {
        readers.take().close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writePulls() throws SQLException {
    for (Pull pull : List.copyOf(pulls.keySet())) {
      Instant at = pulls.remove(pull);
      if (at != null) {
        database.update(
            "UPDATE link SET pulled_at = ? WHERE repository_id = ? AND content_id = ?",
            at.toEpochMilli(),
            repository(database, pull.origin()),
            content(database, pull.digest()));
      }
    }
  }

  private static boolean isDamage(SQLException e) {
    int code = e.getErrorCode() & 0xff;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
  }

  @Override
  public void close() {
    flush();
    closing = true;
    offer(db -> {});
    try {
      writer.join();
      imageIndex.write(database);
      closeReaders(READERS);
      database.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      LOG.warn("the index was not closed well: {}", e.getMessage());
    }
  }
}
