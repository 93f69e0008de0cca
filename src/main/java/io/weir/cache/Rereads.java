package io.weir.cache;

import io.weir.config.Config.Abandoned;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.store.SharedFile;
import io.weir.store.StorageException;
import io.weir.store.StoredBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Stored blobs that are hashed again while they are served.
 *
 * <p>To its readers a blob that is read again grows as one that is fetched does: they follow each
 * at its own pace, and have its end only when the digest is right. One virtual thread reads for all
 * who come meanwhile; when the last of them leaves, it stops. Thread-safe.
 */
final class Rereads implements AutoCloseable {

  private static final int PIECE_BYTES = 256 << 10;

  private final Quarantine quarantine;
  private final ConcurrentMap<Digest, Fetch> underWay = new ConcurrentHashMap<>();

  Rereads(Quarantine quarantine) {
    this.quarantine = quarantine;
  }

  /**
   * A reader of {@code stored}. Blocks until its file is open.
   *
   * @return null where the file is not there any more
   * @throws StorageException where the disk does not give it
   */
  @Nullable GrowingBlob read(Origin origin, StoredBlob stored) {
    while (true) {
      Fetch mine = new Fetch(stored.digest(), origin, Abandoned.STOP);
      Fetch earlier = underWay.putIfAbsent(stored.digest(), mine);
      if (earlier == null) {
        Thread _ = Thread.ofVirtual().name("reread").start(() -> run(mine, origin, stored));
      }
      Fetch reread = earlier == null ? mine : earlier;
      if (reread.tryJoin(origin)) {
        return reread.awaitStart();
      }
      reread.awaitGone();
    }
  }

  // The reading thread.

  private void run(Fetch reread, Origin origin, StoredBlob stored) {
    RuntimeException failure = null;
    try {
      reread(reread, origin, stored);
    } catch (NoSuchFileException e) {
      // It was evicted, or put into quarantine: nobody has begun to read it.
    } catch (IOException e) {
      failure = new StorageException("the stored blob cannot be opened", e);
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      underWay.remove(stored.digest(), reread);
      reread.ended(failure);
    }
  }

  private void reread(Fetch reread, Origin origin, StoredBlob stored) throws IOException {
    SharedFile file = stored.open();
    try {
      reread.started(file, 0, stored.sizeBytes(), null);
      if (!isRight(reread, file, stored)) {
        throw damaged(origin, stored, "it does not hash to its digest");
      }
      reread.verified(file, stored.sizeBytes());
    } catch (IOException e) {
      throw damaged(origin, stored, "it cannot be read: " + e.getMessage());
    } finally {
      file.release();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // a virtual thread that never blocks keeps its carrier
  private static boolean isRight(Fetch reread, SharedFile file, StoredBlob stored)
      throws IOException {
    MessageDigest hash = stored.digest().algorithm().newMessageDigest();
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    long position = 0;
    for (int count = read(file, piece, 0); count > 0; count = read(file, piece, position)) {
      if (reread.errand().isStopped()) {
        throw new StorageException("nobody reads " + stored.digest() + " any more");
      }
      hash.update(piece.flip());
      position += count;
      reread.advanced(position);
      Thread.yield();
    }
    return position == stored.sizeBytes()
        && stored.digest().algorithm().finish(hash.digest()).equals(stored.digest());
  }

  private static int read(SharedFile file, ByteBuffer piece, long position) throws IOException {
    return file.channel().read(piece.clear(), position);
  }

  private StorageException damaged(Origin origin, StoredBlob stored, String reason) {
    quarantine.put(origin, stored.digest(), reason);
    return new StorageException("the stored blob is damaged: " + reason);
  }

  /** Ends all reading. */
  @Override
  public void close() {
    underWay.values().forEach(reread -> reread.errand().stop());
    underWay.values().forEach(Fetch::awaitGone);
  }
}
