package io.weir.cache;

import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.store.Blobs;
import io.weir.store.StoredBlob;
import org.jspecify.annotations.Nullable;

/** Stored blobs, but for those whose length is not what it was. Thread-safe. */
final class SoundBlobs {

  private final Blobs blobs;
  private final Links links;
  private final Quarantine quarantine;

  SoundBlobs(Blobs blobs, Links links, Quarantine quarantine) {
    this.blobs = blobs;
    this.links = links;
    this.quarantine = quarantine;
  }

  /**
   * The blob, where memory knows that {@code origin} has it, and how long it is. One look at the
   * disk.
   */
  @Nullable StoredBlob recall(Origin origin, Digest digest) {
    long sizeBytes = links.recallSizeBytes(origin, digest);
    StoredBlob stored = sizeBytes < 0 ? null : blobs.find(digest).orElse(null);
    return stored == null || stored.sizeBytes() != sizeBytes ? null : stored;
  }

  /** The blob, whoever has it. One of a wrong length is put into quarantine. */
  @Nullable StoredBlob find(Origin origin, Digest digest) {
    StoredBlob stored = blobs.find(digest).orElse(null);
    if (stored == null || isRight(stored, links.sizeBytes(origin, digest))) {
      return stored;
    }
    long sizeBytes = links.sizeBytesNow(origin, digest); // what was known may have been out of date
    StoredBlob now = blobs.find(digest).orElse(null);
    if (now == null || isRight(now, sizeBytes)) {
      return now;
    }
    quarantine.put(
        origin, digest, "it has %d bytes instead of %d".formatted(now.sizeBytes(), sizeBytes));
    return null;
  }

  private static boolean isRight(StoredBlob stored, long sizeBytes) {
    return sizeBytes < 0 || stored.sizeBytes() == sizeBytes;
  }
}
