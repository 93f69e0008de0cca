package io.weir.store;

import io.weir.oci.Digest;
import io.weir.oci.ErrorCode;
import io.weir.oci.Manifest;
import io.weir.oci.MediaType;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code index.json} of the image layout: one entry for each tag, with the full reference in
 * {@code org.opencontainers.image.ref.name}, and one for each stored manifest, with the repository
 * that showed it in {@code io.weir.repository}.
 *
 * <p>Other tools find images by it, and a lost index is rebuilt from it. It follows the index with
 * some delay: it is written on the index thread when something changed, at most every half minute,
 * and at close.
 *
 * @see <a
 *     href="https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md#indexjson-file">image-spec
 *     1.1.1, index.json</a>
 */
final class ImageIndexFile {

  private static final Logger LOG = LoggerFactory.getLogger(ImageIndexFile.class);
  private static final JsonMapper JSON = JsonMapper.shared();

  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String REPOSITORY = "io.weir.repository";
  private static final String TAG = "io.weir.tag";
  private static final Duration PAUSE = Duration.ofSeconds(30);

  private final Path path;
  private final Path fresh;
  private volatile boolean changed;

  /** Touched by the index thread only. */
  private long dueNanos = System.nanoTime() + PAUSE.toNanos();

  ImageIndexFile(Layout layout) {
    this.path = layout.imageIndex();
    this.fresh = path.resolveSibling("index.json.new");
  }

  /** Something that the file shows has changed. Any thread. */
  void changed() {
    changed = true;
  }

  /** Writes the file where it is out of date and old enough. Index thread. */
  void writeIfDue(Database database) {
    if (changed && System.nanoTime() - dueNanos >= 0) {
      long begun = System.nanoTime();
      write(database);
      long took = System.nanoTime() - begun;
      dueNanos = System.nanoTime() + Math.max(PAUSE.toNanos(), 20 * took);
    }
  }

  /** Writes the file. Index thread, or after it has ended. */
  void write(Database database) {
    changed = false;
    try {
      Durable.replace(
          path, fresh, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(document(database)));
    } catch (SQLException | IOException e) {
      changed = true;
      LOG.warn("{} was not written: {}", path, e.getMessage());
    }
  }

  private static ObjectNode document(Database database) throws SQLException {
    ObjectNode root = JSON.createObjectNode();
    root.put("schemaVersion", 2);
    root.put("mediaType", MediaType.OCI_INDEX);
    ArrayNode manifests = root.putArray("manifests");
    try (ResultSet row =
        database.query(
            """
            SELECT upstream, repository.name, tag.name, digest, media_type, size_bytes
            FROM content
            JOIN link ON link.content_id = content.id
            JOIN repository ON repository.id = link.repository_id
            LEFT JOIN tag ON tag.content_id = content.id AND tag.repository_id = repository.id
            WHERE media_type IS NOT NULL AND stored_at IS NOT NULL
            ORDER BY upstream, repository.name, tag.name, digest\
            """)) {
      while (row.next()) {
        ObjectNode entry = manifests.addObject();
        entry.put("mediaType", row.getString(5));
        entry.put("digest", row.getString(4));
        entry.put("size", row.getLong(6));
        ObjectNode annotations = entry.putObject("annotations");
        String repository = row.getString(1) + '/' + row.getString(2);
        String tag = row.getString(3);
        if (tag != null) {
          annotations.put(REF_NAME, repository + ':' + tag);
          annotations.put(TAG, tag);
        }
        annotations.put(REPOSITORY, repository);
      }
    }
    return root;
  }

  /** Puts an empty file where there is none. */
  void createIfMissing() throws IOException {
    if (!Files.exists(path)) {
      ObjectNode root = JSON.createObjectNode();
      root.put("schemaVersion", 2);
      root.put("mediaType", MediaType.OCI_INDEX);
      root.putArray("manifests");
      Durable.replace(path, fresh, JSON.writeValueAsBytes(root));
    }
  }

  /**
   * Teaches an empty {@code index} what the file and the manifests it names still know. Tags come
   * back unchecked, so each is asked again upstream before it is believed.
   *
   * @return how many manifests were found again
   */
  int restoreInto(Index index, Blobs blobs) {
    JsonNode entries;
    try {
      entries = JSON.readTree(Files.readAllBytes(path)).path("manifests");
    } catch (IOException | JacksonException e) {
      LOG.warn("{} cannot be read: {}", path, e.getMessage());
      return 0;
    }
    int restored = 0;
    for (JsonNode entry : entries) {
      try {
        restored += restore(entry, index, blobs) ? 1 : 0;
      } catch (OciException | IOException e) {
        LOG.warn("an entry of {} is left out: {}", path, e.getMessage());
      }
    }
    return restored;
  }

  private static boolean restore(JsonNode entry, Index index, Blobs blobs) throws IOException {
    Digest digest = Digest.parse(entry.path("digest").asString(""));
    Optional<byte[]> content = blobs.read(digest, Manifest.SIZE_BYTES_MAX);
    if (content.isEmpty() || !digest.algorithm().of(content.get()).equals(digest)) {
      return false;
    }
    JsonNode annotations = entry.path("annotations");
    String repository = annotations.path(REPOSITORY).asString("");
    int slash = repository.indexOf('/');
    if (slash < 0) {
      throw new OciException(ErrorCode.NAME_INVALID, "it names no repository");
    }
    Origin origin =
        new Origin(
            repository.substring(0, slash), Repository.parse(repository.substring(slash + 1)));
    Manifest manifest = Manifest.parse(content.get(), entry.path("mediaType").asString(""));
    index.putManifest(origin, digest, manifest, content.get().length, Instant.EPOCH);
    String tag = annotations.path(TAG).asString("");
    if (!tag.isEmpty()) {
      index.putTag(origin, Tag.parse(tag), digest, Instant.EPOCH);
    }
    return true;
  }
}
