package io.weir.integrity;

import io.weir.store.Blobs;
import io.weir.store.SharedFile;
import io.weir.store.StoredBlob;
import io.weir.store.StoredContent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;

/** Reads stored content again, no faster than its bandwidth allows. Used by one thread. */
final class Verifier {

  private static final int PIECE_BYTES = 256 << 10;

  private final Blobs blobs;
  private final Bandwidth bandwidth;
  private final ScrubProgress progress;
  private final ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);

  /**
   * @param progress counts what is read, and says when to stop
   */
  Verifier(Blobs blobs, Bandwidth bandwidth, ScrubProgress progress) {
    this.blobs = blobs;
    this.bandwidth = bandwidth;
    this.progress = progress;
  }

  /**
   * Compares a file with what the index says of it. Damage is looked at twice, because the file may
   * have been replaced by a sound one meanwhile.
   */
  Verdict verify(StoredContent content) {
    Verdict verdict = look(content);
    return verdict instanceof Verdict.Damaged ? look(content) : verdict;
  }

  private Verdict look(StoredContent content) {
    StoredBlob stored = blobs.find(content.digest()).orElse(null);
    if (stored == null) {
      return new Verdict.Missing();
    }
    if (stored.sizeBytes() != content.sizeBytes()) {
      return new Verdict.Damaged(content.wrongSize(stored.sizeBytes()));
    }
    SharedFile file;
    try {
      file = stored.open();
    } catch (NoSuchFileException e) {
      return new Verdict.Missing();
    } catch (IOException e) {
      return new Verdict.Unknown(e.toString());
    }
    try {
      return hash(content, file);
    } catch (IOException e) {
      return new Verdict.Damaged("it cannot be read: " + e.getMessage());
    } finally {
      file.release();
    }
  }

  private Verdict hash(StoredContent content, SharedFile file) throws IOException {
    MessageDigest hash = content.digest().algorithm().newMessageDigest();
    while (true) {
      if (progress.cancellation().isCancelled()) {
        return new Verdict.Unknown("cancelled");
      }
      int count = file.channel().read(piece.clear());
      if (count < 0) {
        break;
      }
      hash.update(piece.flip());
      progress.read(count);
      bandwidth.use(count, progress.cancellation());
    }
    return content.digest().algorithm().finish(hash.digest()).equals(content.digest())
        ? new Verdict.Sound()
        : new Verdict.Damaged("it does not hash to its digest");
  }
}
