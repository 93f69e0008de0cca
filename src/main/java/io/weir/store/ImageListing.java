package io.weir.store;

import io.weir.oci.Digest;
import io.weir.oci.ImagePattern;
import io.weir.oci.MediaType;
import io.weir.oci.Origin;
import io.weir.oci.Platform;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The list of images, a part at a time.
 *
 * <p>SQLite decides about words, and counts what it has decided: to bring a row into Java takes
 * longer than to decide about it. It looks once at each image, by the keys of the tables. No file
 * is read. Thread-safe.
 */
final class ImageListing {

  /** What {@link #candidate} reads, of {@code link}, {@code repository} and {@code content}. */
  static final String COLUMNS =
      """
      SELECT upstream, repository.name, digest, pulled_at, repository_id, content_id,
        (SELECT group_concat(tag.name, ' ') FROM tag
         WHERE tag.content_id = link.content_id AND tag.repository_id = link.repository_id)
      """;

  /** In the order of the tables' keys, so that nothing has to be sorted. */
  private static final String FROM =
      """
      FROM repository
      CROSS JOIN link ON link.repository_id = repository.id
      CROSS JOIN content ON content.id = link.content_id
      WHERE is_root AND stored_at IS NOT NULL
        AND (?1 IS NULL OR upstream = ?1) AND (?2 IS NULL OR repository.name = ?2)
        AND (upstream, repository.name) >= (?3, ?4)
        AND NOT (upstream = ?3 AND repository.name = ?4 AND content_id <= ?5)
      """;

  private static final int ARGUMENTS = 5;

  private static final String ORDER = "ORDER BY upstream, repository.name, content_id";

  private static final String PLATFORMS =
      """
      SELECT DISTINCT platform FROM child JOIN content ON content.id = child_id
      WHERE repository_id = ? AND parent_id = ?
        AND platform > '' AND platform <> 'unknown/unknown' AND stored_at IS NOT NULL
      ORDER BY platform\
      """;

  /**
   * An image's {@code content_id}, the second argument, and all that its repository, the first,
   * knows below it.
   */
  static final String PARTS =
      """
      WITH RECURSIVE part (id) AS (
        SELECT ?2
        UNION
        SELECT child_id FROM child JOIN part ON parent_id = part.id WHERE repository_id = ?1)
      """;

  /** Bytes and number of what is stored of an image, and what its stored manifests miss. */
  private static final String SIZES =
      PARTS
          + """
          SELECT
            sum(iif(stored_at IS NULL, 0, size_bytes)),
            count(stored_at),
            count(iif(stored_at IS NULL AND EXISTS (
              SELECT 1 FROM child JOIN content AS parent ON parent.id = parent_id
              WHERE child_id = part.id AND repository_id = ?1 AND parent.stored_at IS NOT NULL
                AND parent.media_type NOT IN (?3, ?4)), 1, NULL))
          FROM part JOIN content ON content.id = part.id\
          """;

  private final SteadyClock clock;

  ImageListing(SteadyClock clock) {
    this.clock = clock;
  }

  /**
   * Where a part of the list ends.
   *
   * @param contentId the last listed image's manifest
   * @param total how many images the whole list has
   */
  record Place(String upstream, String name, long contentId, long total) {

    /** Before the first image, where nobody has counted yet. */
    private static final Place BEGINNING = new Place("", "", 0, -1);

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException where it did not
     */
    static Place parse(@Nullable String text) {
      if (text == null) {
        return BEGINNING;
      }
      int slash = text.indexOf('/');
      int at = text.lastIndexOf('@');
      int comma = text.lastIndexOf(',');
      if (slash < 0 || at < slash || comma < at) {
        throw new IllegalArgumentException("not where a part of this list ended: " + text);
      }
      return new Place(
          text.substring(0, slash),
          text.substring(slash + 1, at),
          Long.parseUnsignedLong(text.substring(at + 1, comma)),
          Integer.parseUnsignedInt(text.substring(comma + 1)));
    }

    private static Place after(Candidate image, long total) {
      return new Place(
          image.origin().upstream(), image.origin().repository().name(), image.contentId(), total);
    }

    boolean isBeginning() {
      return total < 0;
    }

    @Override
    public String toString() {
      return upstream + '/' + name + '@' + contentId + ',' + total;
    }
  }

  /**
   * A part of the list.
   *
   * @param max how many images at most
   */
  ImagePage page(Database db, ImageFilter filter, Place from, int max) throws SQLException {
    List<Candidate> found = matching(db, filter, from, max + 1);
    long total = total(db, filter, from, found, max);
    List<StoredImage> images = new ArrayList<>();
    for (Candidate image : found.subList(0, Math.min(max, found.size()))) {
      images.add(details(db, image));
    }
    Optional<String> next =
        found.size() > max
            ? Optional.of(Place.after(found.get(max - 1), total).toString())
            : Optional.empty();
    return new ImagePage(images, total, next);
  }

  /** Where all are found already, nobody has to count. */
  private static long total(
      Database db, ImageFilter filter, Place from, List<Candidate> found, int max)
      throws SQLException {
    if (!from.isBeginning()) {
      return from.total();
    }
    return found.size() > max ? count(db, filter) : found.size();
  }

  private static long count(Database db, ImageFilter filter) throws SQLException {
    @Nullable Object[] arguments = arguments(filter, Place.BEGINNING);
    if (filter.pattern().isEmpty()) {
      return db.id("SELECT count(*)\n" + from(filter), arguments);
    }
    long count = 0;
    try (ResultSet row = db.query(COLUMNS + from(filter), arguments)) {
      while (row.next()) {
        count += isWanted(filter, row) ? 1 : 0;
      }
    }
    return count;
  }

  private List<Candidate> matching(Database db, ImageFilter filter, Place from, int max)
      throws SQLException {
    List<Candidate> found = new ArrayList<>();
    try (ResultSet row = db.query(list(filter), arguments(filter, from))) {
      while (found.size() < max && row.next()) {
        if (isWanted(filter, row)) {
          found.add(candidate(row));
        }
      }
    }
    return found;
  }

  /** What SQLite has not decided; first by what costs least. */
  private static boolean isWanted(ImageFilter filter, ResultSet row) throws SQLException {
    ImagePattern pattern = filter.pattern().orElse(null);
    if (pattern == null) {
      return true;
    }
    Origin origin = origin(row);
    return pattern.matchesRepository(origin)
        && pattern.matches(origin, Digest.parse(row.getString(3)), tags(row));
  }

  /** The statement that lists what is wanted, but for the pattern. */
  static String list(ImageFilter filter) {
    return COLUMNS + from(filter) + ORDER;
  }

  private static String from(ImageFilter filter) {
    StringBuilder sql = new StringBuilder(FROM);
    for (int i = 0; i < filter.words().size(); i++) {
      int argument = ARGUMENTS + 1 + 2 * i; // the word; the next one is that of mayContain
      sql.append(
          """
            AND (instr(lower(upstream || '/' || repository.name || '@' || digest), ?%1$d)
              OR EXISTS (
                SELECT 1 FROM tag
                WHERE tag.content_id = link.content_id AND tag.repository_id = link.repository_id
                  AND instr(lower(upstream || '/' || repository.name || ':' || tag.name), ?%1$d))
              OR (?%2$d AND EXISTS (
                SELECT 1 FROM child JOIN content AS part ON part.id = child_id
                WHERE child.repository_id = link.repository_id AND parent_id = link.content_id
                  AND platform > '' AND platform <> 'unknown/unknown'
                  AND part.stored_at IS NOT NULL
                  AND instr(lower(platform), ?%1$d))))

          """
              .formatted(argument, argument + 1));
    }
    return sql.toString();
  }

  private static @Nullable Object[] arguments(ImageFilter filter, Place from) {
    List<@Nullable Object> arguments = new ArrayList<>();
    arguments.add(filter.upstream().orElse(null));
    arguments.add(filter.repository().orElse(null));
    arguments.add(from.upstream());
    arguments.add(from.name());
    arguments.add(from.contentId());
    for (String word : filter.words()) {
      arguments.add(word);
      arguments.add(Platform.mayContain(word) ? 1L : 0L);
    }
    return arguments.toArray();
  }

  /** The image of a row of {@link #COLUMNS}. */
  Candidate candidate(ResultSet row) throws SQLException {
    return new Candidate(
        origin(row),
        Digest.parse(row.getString(3)),
        tags(row),
        clock.since(row.getLong(4)),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6));
  }

  private static Origin origin(ResultSet row) throws SQLException {
    return new Origin(row.getString(1), Repository.parse(row.getString(2)));
  }

  private static List<Tag> tags(ResultSet row) throws SQLException {
    return tags(row.getString(7));
  }

  /** Tags that {@code group_concat} has joined by spaces. */
  static List<Tag> tags(@Nullable String joined) {
    return joined == null ? List.of() : Arrays.stream(joined.split(" ")).map(Tag::parse).toList();
  }

  /** All that is listed of an image. */
  StoredImage details(Database db, Candidate image) throws SQLException {
    String mediaType;
    Instant storedAt;
    try (ResultSet row =
        db.query("SELECT media_type, stored_at FROM content WHERE id = ?", image.contentId())) {
      boolean _ = row.next();
      mediaType = row.getString(1);
      storedAt = Instant.ofEpochMilli(row.getLong(2));
    }
    List<String> runsOn = runsOn(db, image);
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
          runsOn,
          row.getLong(1),
          row.getLong(2),
          row.getLong(3),
          storedAt,
          image.idle());
    }
  }

  private static List<String> runsOn(Database db, Candidate image) throws SQLException {
    List<String> names = new ArrayList<>();
    try (ResultSet row = db.query(PLATFORMS, image.repositoryId(), image.contentId())) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names;
  }
}
