package io.weir.store;

import io.weir.oci.Descriptor;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.Origin;
import io.weir.oci.Platform;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What each change does to the tables of {@code schema.sql}. Used on the index thread only.
 *
 * <p>Three rules are kept here. A link is a root while it has a tag or no parent in its repository.
 * Content stays while it has a link or a parent anywhere; with the last of them go its row and its
 * file. What an image runs on, which only its config says, is known as soon as manifest and config
 * are stored, whichever comes first.
 */
final class IndexRows {

  private static final Logger LOG = LoggerFactory.getLogger(IndexRows.class);

  private static final String REPOSITORY_ID =
      """
      INSERT INTO repository (upstream, name) VALUES (?, ?)
      ON CONFLICT DO UPDATE SET name = name RETURNING id\
      """;
  private static final String CONTENT_ID =
      "INSERT INTO content (digest) VALUES (?) ON CONFLICT DO UPDATE SET digest = digest RETURNING id";

  private static final String REMOVE_LINK =
      "DELETE FROM link WHERE repository_id = ? AND content_id = ?";
  private static final String REMOVE_CHILDREN =
      "DELETE FROM child WHERE repository_id = ? AND parent_id = ?";

  /** No config of an image is nearly as large. */
  private static final int CONFIG_BYTES_MAX = 1 << 20;

  private final Blobs blobs;
  private final SteadyClock clock;

  IndexRows(Blobs blobs, SteadyClock clock) {
    this.blobs = blobs;
    this.clock = clock;
  }

  void putTag(Database db, Origin origin, Tag tag, Digest digest, Instant checkedAt)
      throws SQLException {
    long repository = repository(db, origin);
    long before = tagged(db, repository, tag);
    long now = content(db, digest);
    db.update(
        """
        INSERT INTO tag (repository_id, name, content_id, checked_at) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET content_id = excluded.content_id, checked_at = excluded.checked_at\
        """,
        repository,
        tag.name(),
        now,
        checkedAt.toEpochMilli());
    link(db, repository, now);
    if (before != now) {
      judge(db, repository, before);
    }
  }

  /** As {@link #putTag}, unless the tag is known; unchecked. */
  void restoreTag(Database db, Origin origin, Tag tag, Digest digest) throws SQLException {
    if (tagged(db, repository(db, origin), tag) < 0) {
      putTag(db, origin, tag, digest, Instant.EPOCH);
    }
  }

  void removeTag(Database db, Origin origin, Tag tag) throws SQLException {
    long repository = repository(db, origin);
    long before = tagged(db, repository, tag);
    db.update("DELETE FROM tag WHERE repository_id = ? AND name = ?", repository, tag.name());
    judge(db, repository, before);
  }

  /** What the tag means; −1 where there is none. */
  private static long tagged(Database db, long repository, Tag tag) throws SQLException {
    try (ResultSet row =
        db.query(
            "SELECT content_id FROM tag WHERE repository_id = ? AND name = ?",
            repository,
            tag.name())) {
      return row.next() ? row.getLong(1) : -1;
    }
  }

  void link(Database db, Origin origin, Digest digest) throws SQLException {
    link(db, repository(db, origin), content(db, digest));
  }

  private void link(Database db, long repository, long content) throws SQLException {
    int added =
        db.update(
            """
            INSERT INTO link (repository_id, content_id, pulled_at, is_root) VALUES (?, ?, ?, 1)
            ON CONFLICT DO NOTHING\
            """,
            repository,
            content,
            clock.millis());
    if (added == 1) {
      settle(db, repository, content);
    } else {
      judge(db, repository, content);
    }
  }

  /**
   * Content is needed in a repository from now on, and so is what it points at, as far as another
   * repository has taught that. What somebody needs is not unclaimed any more.
   */
  private void settle(Database db, long repository, long content) throws SQLException {
    db.update(
        """
        INSERT INTO child (repository_id, parent_id, child_id, platform)
        SELECT ?1, parent_id, child_id, platform FROM child
        WHERE parent_id = ?2
          AND repository_id = (SELECT repository_id FROM child WHERE parent_id = ?2 LIMIT 1)
        ON CONFLICT DO NOTHING\
        """,
        repository,
        content);
    judge(db, repository, content);
    for (long child : children(db, repository, content)) {
      settle(db, repository, child);
    }
    long unclaimed = repository(db, Inventory.UNCLAIMED);
    if (repository != unclaimed) {
      db.update(REMOVE_LINK, unclaimed, content);
      db.update(REMOVE_CHILDREN, unclaimed, content);
    }
  }

  /** Sets whether the link, if there is one, is a root. */
  private static void judge(Database db, long repository, long content) throws SQLException {
    db.update(
        """
        UPDATE link SET is_root =
          EXISTS (SELECT 1 FROM tag WHERE content_id = ?2 AND repository_id = ?1)
          OR NOT EXISTS (SELECT 1 FROM child WHERE child_id = ?2 AND repository_id = ?1)
        WHERE repository_id = ?1 AND content_id = ?2\
        """,
        repository,
        content);
  }

  void putManifest(
      Database db,
      Origin origin,
      Digest digest,
      Manifest manifest,
      long sizeBytes,
      Instant storedAt)
      throws SQLException {
    long repository = repository(db, origin);
    long id = content(db, digest);
    db.update("UPDATE content SET media_type = ? WHERE id = ?", manifest.mediaType(), id);
    markStored(db, id, digest, sizeBytes, storedAt);
    for (Descriptor descriptor : manifest.children()) {
      db.update(
          """
          INSERT INTO child (repository_id, parent_id, child_id, platform) VALUES (?, ?, ?, ?)
          ON CONFLICT DO NOTHING\
          """,
          repository,
          id,
          content(db, descriptor.digest()),
          descriptor.platform());
    }
    link(db, repository, id);
    settle(db, repository, id);
    Optional<Descriptor> config = manifest.imageConfig();
    if (config.isPresent()) {
      putConfig(db, id, config.get().digest());
    }
  }

  /**
   * What the image with that manifest runs on stands in {@code config}, wherever both are known.
   */
  void putConfig(Database db, long manifest, Digest config) throws SQLException {
    long id = content(db, config);
    db.update(
        """
        UPDATE child SET platform = ''
        WHERE parent_id = ? AND child_id = ? AND platform IS NULL\
        """,
        manifest,
        id);
    readConfig(db, id, config);
  }

  /** Where it is a config that waits for that, and can be read now. */
  private void readConfig(Database db, long id, Digest digest) throws SQLException {
    if (!db.is("SELECT EXISTS (SELECT 1 FROM child WHERE child_id = ? AND platform = '')", id)) {
      return;
    }
    try {
      Optional<byte[]> config = blobs.read(digest, CONFIG_BYTES_MAX);
      if (config.isPresent()) {
        db.update(
            "UPDATE child SET platform = ? WHERE child_id = ? AND platform = ''",
            Platform.ofConfig(config.get()).orElse(null),
            id);
      }
    } catch (IOException e) {
      LOG.debug("what an image runs on is not known", e);
    }
  }

  void putBlob(Database db, Origin origin, Digest digest, long sizeBytes, Instant storedAt)
      throws SQLException {
    long id = content(db, digest);
    markStored(db, id, digest, sizeBytes, storedAt);
    link(db, repository(db, origin), id);
  }

  /** Unless the file has gone since the change was queued. */
  private void markStored(Database db, long id, Digest digest, long sizeBytes, Instant storedAt)
      throws SQLException {
    if (blobs.find(digest).isPresent()) {
      db.update(
          "UPDATE content SET size_bytes = ?, stored_at = ? WHERE id = ?",
          sizeBytes,
          storedAt.toEpochMilli(),
          id);
      readConfig(db, id, digest);
    }
  }

  /**
   * A file is there of which the index knew nothing. Where no manifest needs it, it waits among the
   * unclaimed for someone who does.
   */
  void adopt(Database db, Digest digest, long sizeBytes, Instant storedAt) throws SQLException {
    if (blobs.find(digest).isEmpty()) {
      return; // it has gone since
    }
    long id = content(db, digest);
    markStored(db, id, digest, sizeBytes, storedAt);
    if (isUnneeded(db, id)) {
      link(db, repository(db, Inventory.UNCLAIMED), id);
    }
  }

  /** The same for a manifest. */
  void adopt(Database db, Digest digest, Manifest manifest, long sizeBytes, Instant storedAt)
      throws SQLException {
    if (blobs.find(digest).isPresent()) {
      Origin origin = origins(db, digest).stream().findFirst().orElse(Inventory.UNCLAIMED);
      putManifest(db, origin, digest, manifest, sizeBytes, storedAt);
    }
  }

  /** See {@link Inventory#origins}. */
  static List<Origin> origins(Database db, Digest digest) throws SQLException {
    List<Origin> origins = new ArrayList<>();
    try (ResultSet row =
        db.query(
            """
            SELECT upstream, name FROM link
            JOIN repository ON repository.id = repository_id
            JOIN content ON content.id = content_id
            WHERE digest = ?\
            """,
            digest.toString())) {
      while (row.next()) {
        origins.add(new Origin(row.getString(1), Repository.parse(row.getString(2))));
      }
    }
    origins.remove(Inventory.UNCLAIMED);
    return origins;
  }

  /** The file is not there any more; what is known of the content stays. */
  void lost(Database db, Digest digest) throws SQLException {
    if (blobs.find(digest).isEmpty()) {
      db.update("UPDATE content SET stored_at = NULL WHERE digest = ?", digest.toString());
    }
  }

  void putDocument(Database db, Origin origin, String name, byte[] content, Instant checkedAt)
      throws SQLException {
    db.update(
        """
        INSERT INTO document (repository_id, name, content, checked_at) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET content = excluded.content, checked_at = excluded.checked_at\
        """,
        repository(db, origin),
        name,
        content,
        checkedAt.toEpochMilli());
  }

  /** A pull of a manifest is one of the indexes that it is part of, too. */
  void pulled(Database db, Origin origin, Digest digest, long at) throws SQLException {
    db.update(
        """
        UPDATE link SET pulled_at = max(pulled_at, ?3)
        WHERE repository_id = (SELECT id FROM repository WHERE upstream = ?1 AND name = ?2)
          AND content_id = (SELECT id FROM content WHERE digest = ?4)\
        """,
        origin.upstream(),
        origin.repository().name(),
        at,
        digest.toString());
    db.update(
        """
        UPDATE link SET pulled_at = max(link.pulled_at, ?3)
        FROM repository JOIN content JOIN child
        WHERE repository.upstream = ?1 AND repository.name = ?2 AND content.digest = ?4
          AND content.media_type IS NOT NULL
          AND child.child_id = content.id AND child.repository_id = repository.id
          AND link.repository_id = repository.id AND link.content_id = child.parent_id\
        """,
        origin.upstream(),
        origin.repository().name(),
        at,
        digest.toString());
  }

  /**
   * Takes {@code root} out of its repository, with all that nothing else there needs, and deletes
   * the files that nothing anywhere needs. A root that something else there needs too only loses
   * its tags.
   *
   * @param deletes false to find out only; the caller rolls back
   */
  Removed remove(Database db, Candidate root, boolean deletes) throws SQLException, IOException {
    long repository = root.repositoryId();
    db.update(
        "DELETE FROM tag WHERE content_id = ? AND repository_id = ?", root.contentId(), repository);
    List<Content> unlinked = new ArrayList<>();
    List<Content> freed = new ArrayList<>();
    Deque<Long> unneeded = new ArrayDeque<>();
    if (isUnneededIn(db, repository, root.contentId())) {
      unneeded.push(root.contentId());
    } else {
      judge(db, repository, root.contentId());
    }
    while (!unneeded.isEmpty()) {
      long id = unneeded.pop();
      List<Long> children = children(db, repository, id);
      db.update(REMOVE_CHILDREN, repository, id);
      db.update(REMOVE_LINK, repository, id);
      for (long child : children) {
        if (isUnneededIn(db, repository, child)) {
          unneeded.push(child);
        }
      }
      Content content = content(db, id);
      unlinked.add(content);
      if (isUnneeded(db, id)) {
        db.update("DELETE FROM content WHERE id = ?", id);
        freed.add(content);
        if (deletes) {
          blobs.remove(content.digest());
        }
      }
    }
    return new Removed(
        root,
        unlinked.stream().map(Content::digest).toList(),
        freed.stream().mapToLong(Content::storedBytes).sum(),
        (int) freed.stream().filter(Content::isStored).count());
  }

  private record Content(Digest digest, boolean isStored, long storedBytes) {}

  private static Content content(Database db, long id) throws SQLException {
    try (ResultSet row =
        db.query(
            "SELECT digest, stored_at IS NOT NULL, size_bytes FROM content WHERE id = ?", id)) {
      if (!row.next()) {
        throw new SQLException("there is no content " + id);
      }
      boolean isStored = row.getBoolean(2);
      return new Content(Digest.parse(row.getString(1)), isStored, isStored ? row.getLong(3) : 0);
    }
  }

  private static List<Long> children(Database db, long repository, long parent)
      throws SQLException {
    List<Long> children = new ArrayList<>();
    try (ResultSet row =
        db.query(
            "SELECT child_id FROM child WHERE repository_id = ? AND parent_id = ?",
            repository,
            parent)) {
      while (row.next()) {
        children.add(row.getLong(1));
      }
    }
    return children;
  }

  private static boolean isUnneededIn(Database db, long repository, long content)
      throws SQLException {
    return db.is(
        """
        SELECT NOT EXISTS (SELECT 1 FROM child WHERE child_id = ?2 AND repository_id = ?1)
          AND NOT EXISTS (SELECT 1 FROM tag WHERE content_id = ?2 AND repository_id = ?1)\
        """,
        repository,
        content);
  }

  private static boolean isUnneeded(Database db, long content) throws SQLException {
    return db.is(
        """
        SELECT NOT EXISTS (SELECT 1 FROM link WHERE content_id = ?1)
          AND NOT EXISTS (SELECT 1 FROM child WHERE child_id = ?1)\
        """,
        content);
  }

  /** Drops the repositories of which nothing is left but lists older than {@code documentsAt}. */
  int removeEmptyRepositories(Database db, Instant documentsAt) throws SQLException {
    db.update(
        """
        DELETE FROM document WHERE checked_at < ?
          AND NOT EXISTS (SELECT 1 FROM link WHERE link.repository_id = document.repository_id)\
        """,
        documentsAt.toEpochMilli());
    return db.update(
        """
        DELETE FROM repository
        WHERE NOT EXISTS (SELECT 1 FROM link WHERE repository_id = repository.id)
          AND NOT EXISTS (SELECT 1 FROM document WHERE repository_id = repository.id)\
        """);
  }

  /** What was noted under {@code name}; null where nothing was. */
  static @Nullable String note(Database db, String name) throws SQLException {
    try (ResultSet row = db.query("SELECT value FROM meta WHERE name = ?", name)) {
      return row.next() ? row.getString(1) : null;
    }
  }

  void note(Database db, String name, String text) throws SQLException {
    db.update(
        """
        INSERT INTO meta (name, value) VALUES (?, ?)
        ON CONFLICT DO UPDATE SET value = excluded.value\
        """,
        name,
        text);
  }

  private static long repository(Database db, Origin origin) throws SQLException {
    return db.id(REPOSITORY_ID, origin.upstream(), origin.repository().name());
  }

  private static long content(Database db, Digest digest) throws SQLException {
    return db.id(CONTENT_ID, digest.toString());
  }
}
