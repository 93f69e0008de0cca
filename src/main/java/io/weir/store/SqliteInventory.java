package io.weir.store;

import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.MediaType;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The inventory in the index's SQLite file. */
final class SqliteInventory implements Inventory {

  private static final Logger LOG = LoggerFactory.getLogger(SqliteInventory.class);

  private static final String CANDIDATE =
      """
      SELECT upstream, name, digest, pulled_at, repository_id, content_id,
        (SELECT group_concat(tag.name, ' ') FROM tag
         WHERE tag.content_id = link.content_id AND tag.repository_id = link.repository_id)
      FROM link
      JOIN repository ON repository.id = repository_id
      JOIN content ON content.id = content_id
      """;

  private static final String PLATFORMS =
      """
      SELECT DISTINCT platform FROM child JOIN content ON content.id = child_id
      WHERE repository_id = ? AND parent_id = ?
        AND platform IS NOT NULL AND platform <> 'unknown/unknown' AND stored_at IS NOT NULL
      ORDER BY platform\
      """;

  /** Bytes and number of what is stored of an image, and what its stored manifests miss. */
  private static final String SIZES =
      """
      WITH RECURSIVE part (id) AS (
        SELECT ?2
        UNION
        SELECT child_id FROM child JOIN part ON parent_id = part.id WHERE repository_id = ?1)
      SELECT
        sum(iif(stored_at IS NULL, 0, size_bytes)),
        count(stored_at),
        count(iif(stored_at IS NULL AND EXISTS (
          SELECT 1 FROM child JOIN content AS parent ON parent.id = parent_id
          WHERE child_id = part.id AND repository_id = ?1 AND parent.stored_at IS NOT NULL
            AND parent.media_type NOT IN (?3, ?4)), 1, NULL))
      FROM part JOIN content ON content.id = part.id\
      """;

  private final IndexFile file;
  private final IndexWriter writer;
  private final IndexRows rows;
  private final SteadyClock clock;
  private final Usages usages;
  private final ImageIndexFile imageIndex;
  private final IndexWriter.Change writePulls;
  private final List<Consumer<Removed>> listeners = new CopyOnWriteArrayList<>();

  /**
   * The inventory of an index.
   *
   * @param writePulls writes the pulls that are not written yet, so that what was pulled a moment
   *     ago does not look old
   */
  SqliteInventory(
      IndexFile file,
      IndexWriter writer,
      IndexRows rows,
      SteadyClock clock,
      Usages usages,
      ImageIndexFile imageIndex,
      IndexWriter.Change writePulls) {
    this.file = file;
    this.writer = writer;
    this.rows = rows;
    this.clock = clock;
    this.usages = usages;
    this.imageIndex = imageIndex;
    this.writePulls = writePulls;
  }

  @Override
  public Usage usage() {
    return usages.all();
  }

  @Override
  public Map<String, Usage> usageByUpstream() {
    return usages.byUpstream();
  }

  // Lists.

  /**
   * Where a page of the list ends.
   *
   * @param contentId the last listed image's manifest
   */
  private record Place(String upstream, String name, long contentId) {

    static final Place BEGINNING = new Place("", "", 0);

    static Place parse(@Nullable String text) {
      if (text == null) {
        return BEGINNING;
      }
      int slash = text.indexOf('/');
      int at = text.lastIndexOf('@');
      if (slash < 0 || at < slash) {
        throw new IllegalArgumentException("not where a page of this list ended: " + text);
      }
      return new Place(
          text.substring(0, slash),
          text.substring(slash + 1, at),
          Long.parseLong(text.substring(at + 1)));
    }

    static Place after(Candidate image) {
      return new Place(
          image.origin().upstream(), image.origin().repository().name(), image.contentId());
    }

    @Override
    public String toString() {
      return upstream + '/' + name + '@' + contentId;
    }
  }

  private record RepositoryRow(long id, boolean isPlace) {}

  @Override
  public ImagePage images(
      @Nullable String upstream, Predicate<Candidate> filter, @Nullable String from, int max) {
    Place place = Place.parse(from);
    return read(
        db -> {
          List<StoredImage> images = new ArrayList<>();
          Candidate last = null;
          for (RepositoryRow repository : repositories(db, upstream, place)) {
            for (Candidate image :
                roots(db, repository.id(), repository.isPlace() ? place.contentId() : 0)) {
              if (!filter.test(image)) {
                continue;
              }
              if (last != null && images.size() == max) {
                return new ImagePage(images, Optional.of(Place.after(last).toString()));
              }
              images.add(details(db, image));
              last = image;
            }
          }
          return new ImagePage(images, Optional.empty());
        },
        new ImagePage(List.of(), Optional.empty()));
  }

  private static List<RepositoryRow> repositories(
      Database db, @Nullable String upstream, Place from) throws SQLException {
    List<RepositoryRow> repositories = new ArrayList<>();
    try (ResultSet row =
        db.query(
            """
            SELECT id, upstream = ?2 AND name = ?3 FROM repository
            WHERE (?1 IS NULL OR upstream = ?1) AND (upstream, name) >= (?2, ?3)
            ORDER BY upstream, name\
            """,
            upstream,
            from.upstream(),
            from.name())) {
      while (row.next()) {
        repositories.add(new RepositoryRow(row.getLong(1), row.getBoolean(2)));
      }
    }
    return repositories;
  }

  private List<Candidate> roots(Database db, long repository, long afterContent)
      throws SQLException {
    return candidates(
        db,
        CANDIDATE
            + """
            WHERE is_root AND repository_id = ? AND content_id > ? AND stored_at IS NOT NULL
            ORDER BY content_id\
            """,
        repository,
        afterContent);
  }

  private List<Candidate> candidates(Database db, String sql, Object... arguments)
      throws SQLException {
    List<Candidate> candidates = new ArrayList<>();
    try (ResultSet row = db.query(sql, arguments)) {
      while (row.next()) {
        String tags = row.getString(7);
        candidates.add(
            new Candidate(
                new Origin(row.getString(1), Repository.parse(row.getString(2))),
                Digest.parse(row.getString(3)),
                tags == null ? List.of() : Arrays.stream(tags.split(" ")).map(Tag::parse).toList(),
                clock.since(row.getLong(4)),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6)));
      }
    }
    return candidates;
  }

  private static StoredImage details(Database db, Candidate image) throws SQLException {
    String mediaType;
    Instant storedAt;
    try (ResultSet row =
        db.query("SELECT media_type, stored_at FROM content WHERE id = ?", image.contentId())) {
      boolean _ = row.next();
      mediaType = row.getString(1);
      storedAt = Instant.ofEpochMilli(row.getLong(2));
    }
    List<String> platforms = new ArrayList<>();
    try (ResultSet row = db.query(PLATFORMS, image.repositoryId(), image.contentId())) {
      while (row.next()) {
        platforms.add(row.getString(1));
      }
    }
    try (ResultSet row =
        db.query(
            SIZES,
            image.repositoryId(),
            image.contentId(),
            MediaType.OCI_INDEX,
            MediaType.DOCKER_LIST)) {
      boolean _ = row.next();
      return new StoredImage(
          image.origin(),
          image.digest(),
          image.tags(),
          Optional.ofNullable(mediaType),
          platforms,
          row.getLong(1),
          row.getLong(2),
          row.getLong(3),
          storedAt,
          image.idle());
    }
  }

  @Override
  public List<Origin> origins(Digest digest) {
    return read(db -> IndexRows.origins(db, digest), List.of());
  }

  // Files and rows.

  @Override
  public List<StoredContent> storedAfter(@Nullable Digest after, int max) {
    return contentAfter(
        """
        SELECT digest, size_bytes, media_type IS NOT NULL FROM content
        WHERE digest > ? AND stored_at IS NOT NULL ORDER BY digest LIMIT ?\
        """,
        after,
        max);
  }

  @Override
  public List<StoredContent> lostAfter(@Nullable Digest after, int max) {
    return contentAfter(
        """
        SELECT digest, size_bytes, media_type IS NOT NULL FROM content
        WHERE digest > ? AND stored_at IS NULL AND size_bytes IS NOT NULL ORDER BY digest LIMIT ?\
        """,
        after,
        max);
  }

  private List<StoredContent> contentAfter(String sql, @Nullable Digest after, int max) {
    return read(
        db -> {
          List<StoredContent> contents = new ArrayList<>();
          try (ResultSet row = db.query(sql, after == null ? "" : after.toString(), max)) {
            while (row.next()) {
              contents.add(
                  new StoredContent(
                      Digest.parse(row.getString(1)), row.getLong(2), row.getBoolean(3)));
            }
          }
          return contents;
        },
        List.of());
  }

  @Override
  public Set<Digest> unknown(Collection<Digest> digests) {
    return read(
        db -> {
          Set<Digest> unknown = new HashSet<>(digests);
          for (Digest digest : digests) {
            try (ResultSet row =
                db.query(
                    "SELECT 1 FROM content WHERE digest = ? AND stored_at IS NOT NULL",
                    digest.toString())) {
              if (row.next()) {
                unknown.remove(digest);
              }
            }
          }
          return unknown;
        },
        Set.of());
  }

  @Override
  public void adopt(Digest digest, long sizeBytes, Instant storedAt) {
    writer.offer(db -> rows.adopt(db, digest, sizeBytes, storedAt));
  }

  @Override
  public void adopt(Digest digest, Manifest manifest, long sizeBytes, Instant storedAt) {
    writer.offer(db -> rows.adopt(db, digest, manifest, sizeBytes, storedAt));
  }

  @Override
  public void lost(Digest digest) {
    writer.offer(db -> rows.lost(db, digest));
  }

  @Override
  public Optional<String> note(String name) {
    return read(db -> Optional.ofNullable(IndexRows.note(db, name)), Optional.empty());
  }

  @Override
  public void putNote(String name, String text) {
    writer.offer(db -> rows.note(db, name, text));
  }

  private <T> T read(Connections.Read<T> read, T otherwise) {
    try {
      return file.read(read, otherwise);
    } catch (SQLException e) {
      LOG.warn("the index cannot be read: {}", e.getMessage());
      return otherwise;
    }
  }

  // Eviction.

  @Override
  public <T> T evict(boolean dryRun, Work<T> work) throws IOException {
    return writer.run(
        new IndexCall<>(
            dryRun,
            db -> {
              writePulls.apply(db);
              return work.with(new Transaction(db, !dryRun));
            }));
  }

  @Override
  public void onRemoval(Consumer<Removed> listener) {
    listeners.add(listener);
  }

  @Override
  public void afterPending(Runnable settled) {
    writer.offer(
        new IndexWriter.Change() {
          @Override
          public void apply(Database database) {}

          @Override
          public void settled() {
            settled.run();
          }
        });
  }

  private final class Transaction implements Eviction {

    private final Database db;
    private final boolean deletes;

    Transaction(Database db, boolean deletes) {
      this.db = db;
      this.deletes = deletes;
    }

    @Override
    public List<Candidate> oldest(@Nullable Candidate after, int max) throws IOException {
      return ask(() ->
          candidates(
              db,
              CANDIDATE
                  + """
                  WHERE is_root AND (pulled_at, repository_id, content_id) > (?, ?, ?)
                  ORDER BY pulled_at, repository_id, content_id LIMIT ?\
                  """,
              after == null ? Long.MIN_VALUE : after.pulledAt(),
              after == null ? 0 : after.repositoryId(),
              after == null ? 0 : after.contentId(),
              max));
    }

    @Override
    public Removed remove(Candidate image) throws IOException {
      Removed gone = ask(() -> rows.remove(db, image, deletes));
      if (deletes) {
        imageIndex.changed();
        listeners.forEach(listener -> listener.accept(gone));
      }
      return gone;
    }

    @Override
    public Usage usage() throws IOException {
      return usage(Usages.ALL);
    }

    @Override
    public Usage usage(String upstream) throws IOException {
      return ask(() -> Usages.of(db, upstream));
    }

    @Override
    public void removeEmptyRepositories(Instant documentsAt) throws IOException {
      int _ = ask(() -> rows.removeEmptyRepositories(db, documentsAt));
    }
  }

  private interface Question<T> {
    T answer() throws SQLException, IOException;
  }

  /** A statement that fails ends the transaction. */
  private static <T> T ask(Question<T> question) throws IOException {
    try {
      return question.answer();
    } catch (SQLException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
