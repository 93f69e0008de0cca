package io.weir.store;

import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.Origin;
import io.weir.oci.Tag;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of content: where it was shown, what tags meant, when it was last pulled.
 *
 * <p>Reading blocks briefly. Writing does not block and does not fail: a change is queued, and lost
 * where the disk will not take it, because every fact here can be learned again from upstream. A
 * change is visible to readers soon, not at once. Thread-safe.
 */
public interface Index extends AutoCloseable {

  /**
   * What a tag meant.
   *
   * @param digest the manifest
   * @param checkedAt when upstream last said so
   */
  record TagRow(Digest digest, Instant checkedAt) {}

  /**
   * A stored answer that is no content: a list of tags or of referrers.
   *
   * @param content the JSON document
   * @param checkedAt when upstream last said so
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
  record DocumentRow(byte[] content, Instant checkedAt) {}

  /**
   * What is known of content in a repository.
   *
   * @param isLinked whether upstream has shown it there
   * @param sizeBytes its length; −1 while it is not stored, as far as is known
   */
  record ContentRow(boolean isLinked, long sizeBytes) {

    /** Of what nothing is known. */
    public static final ContentRow UNKNOWN = new ContentRow(false, -1);
  }

  /** What {@code tag} meant at {@code origin} when upstream was last asked. */
  Optional<TagRow> tag(Origin origin, Tag tag);

  /** What is known of {@code digest} in {@code origin}. */
  ContentRow content(Origin origin, Digest digest);

  /** The media type of a manifest that has been stored. */
  Optional<String> mediaType(Digest digest);

  /** The stored answer called {@code name}. */
  Optional<DocumentRow> document(Origin origin, String name);

  /**
   * Repositories that hold at least one stored manifest or blob, ordered by upstream and name.
   *
   * @param upstream only those of this upstream; null for all
   */
  List<Origin> repositories(@Nullable String upstream);

  /** Upstream said at {@code checkedAt} that {@code tag} is {@code digest}. */
  void putTag(Origin origin, Tag tag, Digest digest, Instant checkedAt);

  /** Upstream said that there is no such tag. */
  void removeTag(Origin origin, Tag tag);

  /** Upstream has shown {@code digest} in {@code origin}. */
  void link(Origin origin, Digest digest);

  /** A manifest came from {@code origin} and is stored. Links it. */
  void putManifest(
      Origin origin, Digest digest, Manifest manifest, long sizeBytes, Instant storedAt);

  /** A blob came from {@code origin} and is stored. Links it. */
  void putBlob(Origin origin, Digest digest, long sizeBytes, Instant storedAt);

  /** Stores an answer under {@code name}, in place of an earlier one. */
  void putDocument(Origin origin, String name, byte[] content, Instant checkedAt);

  /**
   * A client pulls {@code digest} from {@code origin} now. Many pulls between two batches become
   * one write.
   */
  void pulled(Origin origin, Digest digest);

  /** Waits until every change queued so far is visible, or was given up. */
  void flush();

  @Override
  void close();
}
