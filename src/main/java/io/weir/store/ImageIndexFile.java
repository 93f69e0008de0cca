package io.weir.store;

import io.weir.oci.Digest;
import io.weir.oci.ErrorCode;
import io.weir.oci.MediaType;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

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
  private static final ObjectWriter PRETTY =
      JSON.writerWithDefaultPrettyPrinter().without(StreamWriteFeature.AUTO_CLOSE_TARGET);

  private static final String MANIFESTS = "manifests";
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String REPOSITORY = "io.weir.repository";
  private static final String TAG = "io.weir.tag";
  private static final Duration PAUSE = Duration.ofSeconds(30);

  /** In the order of the tables' keys, so that nothing has to be sorted, however many rows. */
  private static final String ENTRIES =
      """
      SELECT upstream, repository.name, tag.name, digest, media_type, size_bytes
      FROM repository
      CROSS JOIN link ON link.repository_id = repository.id
      CROSS JOIN content ON content.id = link.content_id
      LEFT JOIN tag ON tag.content_id = content.id AND tag.repository_id = repository.id
      WHERE media_type IS NOT NULL AND stored_at IS NOT NULL
      ORDER BY upstream, repository.name, link.content_id\
      """;

  /**
   * One entry of the file.
   *
   * @param origin who showed it
   * @param tag what meant it there; null for what was not tagged
   */
  record Entry(Origin origin, @Nullable Tag tag, Digest digest, String mediaType) {}

  /** Takes one entry after the other. */
  interface Reader {
    /** Takes an entry; returns whether it wants another. */
    boolean next(Entry entry);
  }

  private final Path path;
  private final Path fresh;
  private volatile boolean changed;

  // Touched by the index thread only.
  private long dueNanos = System.nanoTime() + PAUSE.toNanos();
  private boolean isFailing;

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

  /**
   * Writes the file, unless it knows more than an index that is being filled from it. Index thread,
   * or after it has ended.
   */
  void write(Database database) {
    try {
      if (database.isRestoring()) {
        return;
      }
      changed = false;
      Durable.<SQLException>replace(path, fresh, out -> write(database, out));
      database.commit(); // which ends the reading
      isFailing = false;
    } catch (SQLException | IOException | JacksonException e) {
      changed = true;
      if (!isFailing) {
        isFailing = true;
        LOG.warn("{} was not written, and is tried again: {}", path, e.getMessage());
      }
    }
  }

  private static void write(Database database, OutputStream out) throws SQLException {
    try (JsonGenerator json = PRETTY.createGenerator(out);
        ResultSet row = database.query(ENTRIES)) {
      json.writeStartObject();
      json.writeNumberProperty("schemaVersion", 2);
      json.writeStringProperty("mediaType", MediaType.OCI_INDEX);
      json.writeArrayPropertyStart(MANIFESTS);
      while (row.next()) {
        writeEntry(json, row);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void writeEntry(JsonGenerator json, ResultSet row) throws SQLException {
    String repository = row.getString(1) + '/' + row.getString(2);
    String tag = row.getString(3);
    json.writeStartObject();
    json.writeStringProperty("mediaType", row.getString(5));
    json.writeStringProperty("digest", row.getString(4));
    json.writeNumberProperty("size", row.getLong(6));
    json.writeObjectPropertyStart("annotations");
    if (tag != null) {
      json.writeStringProperty(REF_NAME, repository + ':' + tag);
      json.writeStringProperty(TAG, tag);
    }
    json.writeStringProperty(REPOSITORY, repository);
    json.writeEndObject();
    json.writeEndObject();
  }

  /**
   * Hands the entries to {@code reader}, one at a time: the file may be larger than memory. What is
   * no entry of ours is left out, and so is all that comes after a place that is not JSON.
   *
   * @throws IOException where the disk does not give what is there; no file is an empty one
   */
  void read(Reader reader) throws IOException {
    try (InputStream in = Files.newInputStream(path);
        JsonParser json = JSON.createParser(in)) {
      if (json.nextToken() == JsonToken.START_OBJECT) {
        read(json, reader);
      }
    } catch (NoSuchFileException e) {
      LOG.debug("there is no {}", path);
    } catch (JacksonIOException e) {
      throw e.getCause();
    } catch (JacksonException e) {
      LOG.warn("{} is read up to where it is damaged: {}", path, e.getOriginalMessage());
    }
  }

  private void read(JsonParser json, Reader reader) {
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean isManifests = json.currentName().equals(MANIFESTS);
      if (json.nextToken() == JsonToken.START_ARRAY && isManifests) {
        while (json.nextToken() == JsonToken.START_OBJECT) {
          if (!next(json.readValueAsTree(), reader)) {
            return;
          }
        }
      } else {
        json.skipChildren();
      }
    }
  }

  private boolean next(JsonNode entry, Reader reader) {
    try {
      return reader.next(parse(entry));
    } catch (OciException e) {
      LOG.warn("an entry of {} is left out: {}", path, e.getMessage());
      return true;
    }
  }

  private static Entry parse(JsonNode entry) {
    JsonNode annotations = entry.path("annotations");
    String repository = annotations.path(REPOSITORY).asString("");
    int slash = repository.indexOf('/');
    if (slash < 0) {
      throw new OciException(ErrorCode.NAME_INVALID, "it names no repository");
    }
    String tag = annotations.path(TAG).asString("");
    return new Entry(
        new Origin(
            repository.substring(0, slash), Repository.parse(repository.substring(slash + 1))),
        tag.isEmpty() ? null : Tag.parse(tag),
        Digest.parse(entry.path("digest").asString("")),
        entry.path("mediaType").asString(""));
  }
}
