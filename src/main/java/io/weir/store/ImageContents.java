package io.weir.store;

import io.weir.oci.Descriptor;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.MediaType;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.oci.Reference;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import io.weir.store.ImageContent.Kind;
import io.weir.store.ImageContent.Piece;
import io.weir.store.ImageContent.Sharer;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What images are made of. The manifests say it, which are read from disk; the index says which of
 * it is stored, and who else needs it. Thread-safe.
 */
final class ImageContents {

  private static final String FIND =
      ImageListing.COLUMNS
          + """
          FROM repository
          JOIN link ON link.repository_id = repository.id
          JOIN content ON content.id = link.content_id
          WHERE upstream = ? AND repository.name = ? AND stored_at IS NOT NULL AND content_id = \
          """;

  private static final String BY_TAG =
      FIND
          + """
          (SELECT tag.content_id FROM tag
           WHERE tag.repository_id = repository.id AND tag.name = ?)\
          """;

  private static final String BY_DIGEST = FIND + "(SELECT id FROM content WHERE digest = ?)";

  /**
   * The images but one that need something: all roots from which a way leads down to it, in any
   * repository.
   */
  private static final String SHARERS =
      """
      WITH RECURSIVE
        needs (repository_id, content_id) AS (
          SELECT repository_id, content_id FROM link WHERE content_id = ?1
          UNION
          SELECT repository_id, child_id FROM child WHERE child_id = ?1
          UNION
          SELECT child.repository_id, child.parent_id FROM needs
          JOIN child ON child.child_id = needs.content_id
            AND child.repository_id = needs.repository_id),
        other (repository_id, content_id, total) AS (
          SELECT needs.repository_id, needs.content_id, count(*) OVER ()
          FROM needs
          JOIN link ON link.repository_id = needs.repository_id
            AND link.content_id = needs.content_id
          WHERE is_root AND NOT (needs.repository_id = ?2 AND needs.content_id = ?3)
          ORDER BY needs.repository_id, needs.content_id LIMIT ?4)
      SELECT total, upstream, repository.name, digest,
        (SELECT group_concat(tag.name, ' ') FROM tag
         WHERE tag.content_id = other.content_id AND tag.repository_id = other.repository_id)
      FROM other
      JOIN repository ON repository.id = other.repository_id
      JOIN content ON content.id = other.content_id
      ORDER BY upstream, repository.name, other.content_id\
      """;

  private static final String PARTS =
      ImageListing.PARTS + "SELECT digest FROM part JOIN content ON content.id = part.id";

  private static final long SHARERS_MAX = 20;

  /** No row has it. */
  private static final long NO_ROW = 0;

  private final Blobs blobs;
  private final ImageListing listing;

  ImageContents(Blobs blobs, ImageListing listing) {
    this.blobs = blobs;
    this.listing = listing;
  }

  /** The image, where it is stored. */
  Optional<ImageContent> read(Database db, Origin origin, Reference reference) throws SQLException {
    String sql =
        switch (reference) {
          case Tag _ -> BY_TAG;
          case Digest _ -> BY_DIGEST;
        };
    Candidate root;
    try (ResultSet row =
        db.query(sql, origin.upstream(), origin.repository().name(), reference.toString())) {
      if (!row.next()) {
        return Optional.empty();
      }
      root = listing.candidate(row);
    }
    StoredImage image = listing.details(db, root);
    return Optional.of(new ImageContent(image, new Walk(db, root).of(image)));
  }

  /** The first images that need something, stored or not. */
  List<Sharer> needing(Database db, Digest digest, int max) throws SQLException {
    List<Sharer> images = new ArrayList<>();
    try (ResultSet content =
        db.query("SELECT id FROM content WHERE digest = ?", digest.toString())) {
      if (content.next()) {
        try (ResultSet row = db.query(SHARERS, content.getLong(1), NO_ROW, NO_ROW, (long) max)) {
          while (row.next()) {
            images.add(sharer(row));
          }
        }
      }
    }
    return images;
  }

  private static Sharer sharer(ResultSet row) throws SQLException {
    return new Sharer(
        new Origin(row.getString(2), Repository.parse(row.getString(3))),
        Digest.parse(row.getString(4)),
        ImageListing.tags(row.getString(5)));
  }

  /** One way down through an image. */
  private final class Walk {

    private final Database db;
    private final Candidate root;
    private final Map<Digest, Piece> pieces = new LinkedHashMap<>();

    /**
     * What its repository knows to be of it. A manifest that another repository has brought says
     * more, but that does not count here.
     */
    private final Set<Digest> parts = new HashSet<>();

    Walk(Database db, Candidate root) {
      this.db = db;
      this.root = root;
    }

    List<Piece> of(StoredImage image) throws SQLException {
      try (ResultSet row = db.query(PARTS, root.repositoryId(), root.contentId())) {
        while (row.next()) {
          parts.add(Digest.parse(row.getString(1)));
        }
      }
      String mediaType = image.mediaType().orElse("");
      Kind kind = image.mediaType().isEmpty() ? Kind.LAYER : kindOfManifest(mediaType);
      String platform = kind == Kind.MANIFEST ? String.join("", image.platforms()) : "";
      add(image.digest(), kind, mediaType, platform, 0);
      return new ArrayList<>(pieces.values());
    }

    private void add(Digest digest, Kind kind, String mediaType, String platform, long sizeBytes)
        throws SQLException {
      if (pieces.containsKey(digest) || !parts.contains(digest)) {
        return;
      }
      Piece piece = look(digest, kind, mediaType, platform, sizeBytes);
      pieces.put(digest, piece);
      boolean isManifest = kind == Kind.INDEX || kind == Kind.MANIFEST;
      if (piece.isStored() && isManifest) {
        Optional<Manifest> manifest = manifest(digest, mediaType);
        if (manifest.isPresent()) {
          addChildren(manifest.get(), platform);
        }
      }
    }

    private void addChildren(Manifest manifest, String platform) throws SQLException {
      for (Descriptor child : manifest.children()) {
        String stated = child.platform();
        add(
            child.digest(),
            kindOf(child, manifest),
            child.mediaType(),
            stated == null ? platform : stated,
            child.sizeBytes());
      }
    }

    /** What the index knows of it. */
    private Piece look(
        Digest digest, Kind kind, String mediaType, String platform, long statedBytes)
        throws SQLException {
      boolean isStored = false;
      long sizeBytes = statedBytes;
      List<Sharer> sharers = new ArrayList<>();
      long sharerCount = 0;
      try (ResultSet row =
          db.query(
              "SELECT id, size_bytes FROM content WHERE digest = ? AND stored_at IS NOT NULL",
              digest.toString())) {
        if (row.next()) {
          isStored = true;
          sizeBytes = row.getLong(2);
          sharerCount = sharers(row.getLong(1), sharers);
        }
      }
      return new Piece(
          digest, kind, text(mediaType), text(platform), sizeBytes, isStored, sharers, sharerCount);
    }

    /** Adds the first of them to {@code sharers}, and gives how many there are. */
    private long sharers(long contentId, List<Sharer> sharers) throws SQLException {
      long count = 0;
      try (ResultSet row =
          db.query(SHARERS, contentId, root.repositoryId(), root.contentId(), SHARERS_MAX)) {
        while (row.next()) {
          count = row.getLong(1);
          sharers.add(sharer(row));
        }
      }
      return count;
    }
  }

  private static Optional<String> text(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private static Kind kindOfManifest(String mediaType) {
    return MediaType.isIndex(mediaType) ? Kind.INDEX : Kind.MANIFEST;
  }

  private static Kind kindOf(Descriptor child, Manifest parent) {
    if (parent.isIndex()) {
      return kindOfManifest(child.mediaType());
    }
    boolean isConfig = parent.config().filter(child::equals).isPresent();
    return isConfig ? Kind.CONFIG : Kind.LAYER;
  }

  /** Empty where it cannot be read; then nothing is known of what it needs. */
  private Optional<Manifest> manifest(Digest digest, String mediaType) {
    try {
      return blobs
          .read(digest, Manifest.SIZE_BYTES_MAX)
          .map(content -> Manifest.parse(content, mediaType));
    } catch (IOException | OciException _) {
      return Optional.empty();
    }
  }
}
