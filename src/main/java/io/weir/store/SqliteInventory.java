package io.weir.store;

import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.Origin;
import io.weir.oci.Reference;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The inventory in the index's SQLite file. */
final class SqliteInventory implements Inventory {

  private static final Logger LOG = LoggerFactory.getLogger(SqliteInventory.class);

  private final IndexFile file;
  private final IndexWriter writer;
  private final IndexRows rows;
  private final Usages usages;
  private final ImageIndexFile imageIndex;
  private final ImageListing listing;
  private final ImageContents contents;
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
      Usages usages,
      ImageIndexFile imageIndex,
      ImageListing listing,
      ImageContents contents,
      IndexWriter.Change writePulls) {
    this.file = file;
    this.writer = writer;
    this.rows = rows;
    this.usages = usages;
    this.imageIndex = imageIndex;
    this.listing = listing;
    this.contents = contents;
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

  @Override
  public ImagePage images(ImageFilter filter, @Nullable String from, int max) {
    ImageListing.Place place = ImageListing.Place.parse(from);
    return read(db -> listing.page(db, filter, place, max), ImagePage.NONE);
  }

  @Override
  public Optional<ImageContent> image(Origin origin, Reference reference) {
    return read(db -> contents.read(db, origin, reference), Optional.empty());
  }

  @Override
  public List<ImageContent.Sharer> imagesNeeding(Digest digest, int max) {
    return read(db -> contents.needing(db, digest, max), List.of());
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
              """
              FROM link
              JOIN repository ON repository.id = repository_id
              JOIN content ON content.id = content_id
              WHERE is_root AND (pulled_at, repository_id, content_id) > (?, ?, ?)
              ORDER BY pulled_at, repository_id, content_id LIMIT ?\
              """,
              after == null ? Long.MIN_VALUE : after.pulledAt(),
              after == null ? 0 : after.repositoryId(),
              after == null ? 0 : after.contentId(),
              max));
    }

    private List<Candidate> candidates(String sql, Object... arguments) throws SQLException {
      List<Candidate> candidates = new ArrayList<>();
      try (ResultSet row = db.query(ImageListing.COLUMNS + sql, arguments)) {
        while (row.next()) {
          candidates.add(listing.candidate(row));
        }
      }
      return candidates;
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
