package io.weir.store;

import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index in a SQLite file: what is asked, and what is written. {@link IndexFile} has the
 * connections, {@link IndexWriter} the one thread that writes.
 */
final class SqliteIndex implements Index {

  private static final Logger LOG = LoggerFactory.getLogger(SqliteIndex.class);

  private record Pull(Origin origin, Digest digest) {}

  private static final String CLOCK = "clock";

  private final IndexFile file;
  private final IndexWriter writer;
  private final ImageIndexFile imageIndex;
  private final SqliteInventory inventory;
  private final IndexRows rows;
  private final ConfigReading configs;
  private final Usages usages = new Usages();
  private final Consumer<SqliteIndex> emptied;
  private final Runnable recovered;
  private final SteadyClock clock;
  private final Map<Pull, Long> pulls = new ConcurrentHashMap<>();

  /**
   * Opens or creates the index. Where the disk does not take it now, that is tried again every few
   * seconds, and until then only what can be read is known.
   *
   * @param blobs where the files are that it speaks of
   * @param clock what pulls are stamped with; goes on from where the index says it stood
   * @param emptied called with this index when it holds nothing, or not all that can be found
   *     again: there was no file, or it was damaged, at start or later
   * @param recovered called when changes were lost and the disk takes them again
   */
  SqliteIndex(
      StoreFolder folder,
      Blobs blobs,
      SteadyClock clock,
      ImageIndexFile imageIndex,
      Consumer<SqliteIndex> emptied,
      Runnable recovered) {
    this.imageIndex = imageIndex;
    this.clock = clock;
    this.emptied = emptied;
    this.recovered = recovered;
    this.rows = new IndexRows(blobs, clock);
    this.file = new IndexFile(folder);
    this.writer = new IndexWriter(file, imageIndex, new Hooks());
    this.configs = new ConfigReading(blobs, file, writer, rows);
    ImageListing listing = new ImageListing(clock);
    this.inventory =
        new SqliteInventory(
            file,
            writer,
            rows,
            usages,
            imageIndex,
            listing,
            new ImageContents(blobs, listing),
            this::writePulls);
    writer.start();
  }

  /** The same facts, for those who look after the store. */
  Inventory inventory() {
    return inventory;
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
  public ContentRow content(Origin origin, Digest digest) {
    return read(
        db -> {
          try (ResultSet row =
              db.query(
                  """
                  SELECT
                    EXISTS (SELECT 1 FROM link JOIN repository ON repository.id = repository_id
                      WHERE upstream = ? AND name = ? AND content_id = content.id),
                    iif(stored_at IS NULL, -1, size_bytes)
                  FROM content WHERE digest = ?\
                  """,
                  origin.upstream(),
                  origin.repository().name(),
                  digest.toString())) {
            return row.next()
                ? new ContentRow(row.getBoolean(1), row.getLong(2))
                : ContentRow.UNKNOWN;
          }
        },
        ContentRow.UNKNOWN);
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

  /** What cannot be read is not known: it will be asked upstream. */
  private <T> T read(Connections.Read<T> read, T otherwise) {
    try {
      return file.read(read, otherwise);
    } catch (SQLException e) {
      if (IndexFile.isDamage(e)) {
        writer.offer(_ -> {
          throw e; // which makes the writer replace the file
        });
      } else {
        LOG.warn("the index cannot be read: {}", e.getMessage());
      }
      return otherwise;
    }
  }

  // Queueing, on any thread.

  @Override
  public void putTag(Origin origin, Tag tag, Digest digest, Instant checkedAt) {
    imageIndex.changed();
    writer.offer(db -> rows.putTag(db, origin, tag, digest, checkedAt));
  }

  @Override
  public void removeTag(Origin origin, Tag tag) {
    imageIndex.changed();
    writer.offer(db -> rows.removeTag(db, origin, tag));
  }

  @Override
  public void link(Origin origin, Digest digest) {
    writer.offer(db -> rows.link(db, origin, digest));
  }

  @Override
  public void putManifest(
      Origin origin, Digest digest, Manifest manifest, long sizeBytes, Instant storedAt) {
    imageIndex.changed();
    writer.offer(db -> rows.putManifest(db, origin, digest, manifest, sizeBytes, storedAt));
  }

  @Override
  public void putBlob(Origin origin, Digest digest, long sizeBytes, Instant storedAt) {
    writer.offer(db -> rows.putBlob(db, origin, digest, sizeBytes, storedAt));
  }

  @Override
  public void putDocument(Origin origin, String name, byte[] content, Instant checkedAt) {
    writer.offer(db -> rows.putDocument(db, origin, name, content, checkedAt));
  }

  @Override
  public void pulled(Origin origin, Digest digest) {
    if (file.writer() != null) {
      pulls.put(new Pull(origin, digest), clock.millis());
    }
  }

  // Restoring, see Restoration.

  /** Whether not all is here that can be found again. */
  boolean isRestoring() {
    return read(Database::isRestoring, false);
  }

  /** {@code tag} meant {@code digest}, nobody knows when; unless something is known by now. */
  void restoreTag(Origin origin, Tag tag, Digest digest) {
    writer.offer(db -> rows.restoreTag(db, origin, tag, digest));
  }

  /** How often changes were lost. */
  long losses() {
    return writer.losses();
  }

  /** All is here that can be found again, if no change was lost since {@link #losses} said that. */
  void restored(long losses) {
    writer.offer(db -> {
      if (writer.losses() == losses) {
        db.restored();
      }
    });
  }

  @Override
  public void flush() {
    writer.flush();
  }

  /** On the index thread. */
  private void writePulls(Database db) throws SQLException {
    if (pulls.isEmpty()) {
      return;
    }
    for (Pull pull : List.copyOf(pulls.keySet())) {
      Long at = pulls.remove(pull);
      if (at != null) {
        rows.pulled(db, pull.origin(), pull.digest(), at);
      }
    }
    rows.note(db, CLOCK, clock.mark().toString());
  }

  @Override
  public void close() {
    configs.stop();
    writer.offer(db -> rows.note(db, CLOCK, clock.mark().toString()));
    writer.close();
  }

  private final class Hooks implements IndexWriter.Hooks {

    @Override
    public void opened(Database database) throws SQLException {
      usages.read(database);
      SteadyClock.Mark mark = SteadyClock.Mark.parse(IndexRows.note(database, CLOCK));
      if (mark != null) {
        clock.resume(mark);
      }
      if (database.hasUnreadConfigs()) {
        configs.begin();
      }
    }

    @Override
    public void periodically(Database database) throws SQLException {
      writePulls(database);
    }

    @Override
    public void committed(Database database) throws SQLException {
      usages.read(database);
    }

    @Override
    public void emptied() {
      emptied.accept(SqliteIndex.this);
    }

    @Override
    public void recovered() {
      recovered.run();
    }
  }
}
