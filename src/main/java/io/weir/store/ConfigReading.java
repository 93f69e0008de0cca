package io.weir.store;

import io.weir.oci.Descriptor;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.MediaType;
import io.weir.oci.OciException;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills in what the images of an index run on that a version wrote which did not note that: once,
 * in the background. The index itself remembers that this is not finished, so what is cut short is
 * begun again at the next start.
 */
final class ConfigReading {

  private static final Logger LOG = LoggerFactory.getLogger(ConfigReading.class);

  /** How many are queued before the index has to have written them. */
  private static final int PORTION = 200;

  private static final String IMAGES =
      """
      SELECT id, digest, media_type FROM content
      WHERE id > ? AND stored_at IS NOT NULL AND media_type IN (?, ?) ORDER BY id LIMIT ?\
      """;

  private record Image(long id, Digest digest, String mediaType) {}

  private final Blobs blobs;
  private final IndexFile file;
  private final IndexWriter writer;
  private final IndexRows rows;
  private volatile @Nullable Thread thread;
  private volatile boolean isStopping;

  ConfigReading(Blobs blobs, IndexFile file, IndexWriter writer, IndexRows rows) {
    this.blobs = blobs;
    this.file = file;
    this.writer = writer;
    this.rows = rows;
  }

  /** Begins, unless it is under way. One thread at a time. */
  void begin() {
    Thread before = thread;
    if (before == null || !before.isAlive()) {
      thread = Thread.ofVirtual().name("read-configs").start(this::run);
    }
  }

  /** Ends what is under way, unfinished if there is much left to do. */
  void stop() {
    isStopping = true;
    Thread last = thread;
    try {
      if (last != null) {
        last.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long losses = writer.losses();
    try {
      Optional<List<Image>> images = after(0);
      while (images.isPresent() && !images.get().isEmpty()) {
        if (isStopping) {
          return;
        }
        images.get().forEach(this::read);
        writer.flush();
        images = after(images.get().getLast().id());
      }
      if (images.isPresent()) {
        writer.offer(db -> finish(db, losses));
      }
    } catch (SQLException e) {
      LOG.warn("what images run on is read at the next start: {}", e.getMessage());
    }
  }

  private void finish(Database db, long losses) throws SQLException {
    if (writer.losses() == losses) {
      db.configsRead();
    }
  }

  /** The next ones; empty where nothing can be asked. */
  private Optional<List<Image>> after(long id) throws SQLException {
    return file.read(db -> Optional.of(after(db, id)), Optional.empty());
  }

  private static List<Image> after(Database db, long id) throws SQLException {
    List<Image> images = new ArrayList<>();
    try (ResultSet row =
        db.query(IMAGES, id, MediaType.OCI_MANIFEST, MediaType.DOCKER_MANIFEST, (long) PORTION)) {
      while (row.next()) {
        images.add(new Image(row.getLong(1), Digest.parse(row.getString(2)), row.getString(3)));
      }
    }
    return images;
  }

  private void read(Image image) {
    try {
      Optional<Digest> config =
          blobs
              .read(image.digest(), Manifest.SIZE_BYTES_MAX)
              .flatMap(content -> Manifest.parse(content, image.mediaType()).imageConfig())
              .map(Descriptor::digest);
      config.ifPresent(digest -> writer.offer(db -> rows.putConfig(db, image.id(), digest)));
    } catch (IOException | OciException e) {
      LOG.debug("what {} runs on cannot be read", image.digest(), e);
    }
  }
}
