package io.weir.integrity;

import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.OciException;
import io.weir.store.Blobs;
import io.weir.store.Inventory;
import io.weir.store.SharedFile;
import io.weir.store.Store;
import io.weir.store.StoredBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Makes a file known to the index that it knows nothing of. Used by one thread. */
final class Adoption {

  private final Blobs blobs;
  private final Inventory inventory;
  private final InstantSource clock;

  Adoption(Store store, InstantSource clock) {
    this.blobs = store.blobs();
    this.inventory = store.inventory();
    this.clock = clock;
  }

  /**
   * Adopts the file of {@code digest}: as a manifest where it is one, so that the index learns what
   * belongs to it, otherwise as a blob, unread.
   *
   * @return false where there is no such file any more
   */
  boolean adopt(Digest digest) throws IOException {
    StoredBlob file = blobs.find(digest).orElse(null);
    if (file == null) {
      return false;
    }
    Instant now = clock.instant();
    Manifest manifest = manifest(file).orElse(null);
    if (manifest == null) {
      inventory.adopt(digest, file.sizeBytes(), now);
    } else {
      inventory.adopt(digest, manifest, file.sizeBytes(), now);
    }
    return true;
  }

  /**
   * What the file says, if it is a sound manifest that points at something. The config of an image
   * may look like a manifest, but points at nothing.
   */
  private Optional<Manifest> manifest(StoredBlob file) throws IOException {
    if (file.sizeBytes() > Manifest.SIZE_BYTES_MAX || !isObject(file)) {
      return Optional.empty();
    }
    Digest digest = file.digest();
    return blobs
        .read(digest, Manifest.SIZE_BYTES_MAX)
        .filter(content -> digest.algorithm().of(content).equals(digest))
        .flatMap(Adoption::parse)
        .filter(manifest -> !manifest.children().isEmpty());
  }

  private static Optional<Manifest> parse(byte[] content) {
    try {
      return Optional.of(Manifest.parse(content, null));
    } catch (OciException e) {
      return Optional.empty();
    }
  }

  /** Whether it begins as a JSON object does; layers do not. */
  private static boolean isObject(StoredBlob blob) throws IOException {
    SharedFile file = blob.open();
    try {
      ByteBuffer first = ByteBuffer.allocate(1);
      return file.channel().read(first, 0) == 1 && first.get(0) == '{';
    } finally {
      file.release();
    }
  }
}
