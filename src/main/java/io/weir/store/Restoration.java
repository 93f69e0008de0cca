package io.weir.store;

import io.weir.oci.ErrorCode;
import io.weir.oci.Manifest;
import io.weir.oci.OciException;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills an index that was lost, in the background, with what {@code index.json} and the manifests
 * it names still know. Tags come back unchecked, so each is asked again upstream before it is
 * believed.
 *
 * <p>The index itself remembers that this is not finished. So a restoration that is cut short, by a
 * kill or by a full disk, is begun again; entries that are there already stay as they are.
 */
final class Restoration {

  private static final Logger LOG = LoggerFactory.getLogger(Restoration.class);

  /** How much is queued before the index has to have written it. */
  private static final int PORTION_BYTES = 4 << 20;

  /** An entry counts for at least so much, whatever the size of its manifest. */
  private static final int ENTRY_BYTES = 4 << 10;

  private final ImageIndexFile imageIndex;
  private final Blobs blobs;
  private final InstantSource clock;
  private final AtomicReference<@Nullable Thread> last = new AtomicReference<>();
  private volatile boolean isStopping;

  /**
   * @param clock what time is taken for when content was stored, which nothing tells any more
   */
  Restoration(ImageIndexFile imageIndex, Blobs blobs, InstantSource clock) {
    this.imageIndex = imageIndex;
    this.blobs = blobs;
    this.clock = clock;
  }

  /** Begins to fill {@code index}, after what was begun before has ended. One thread at a time. */
  void begin(SqliteIndex index) {
    Thread before = last.get();
    last.set(
        Thread.ofVirtual()
            .name("restore-index")
            .start(() -> {
              join(before);
              fill(index);
            }));
  }

  private void fill(SqliteIndex index) {
    if (!index.isRestoring()) {
      return;
    }
    Filling filling = new Filling(index, clock.instant());
    try {
      imageIndex.read(filling);
    } catch (IOException e) {
      LOG.warn("the index is not made anew, as index.json cannot be read: {}", e.getMessage());
      return;
    }
    if (filling.isCutShort) {
      return;
    }
    index.restored(filling.losses);
    index.flush();
    if (filling.restored > 0) {
      LOG.info("the index was made anew from index.json: {} entries found again", filling.restored);
    }
  }

  /** Waits until nothing is being filled. */
  void await() {
    join(last.get());
  }

  /** Ends what is under way, unfinished if there is much left to do. */
  void stop() {
    isStopping = true;
    await();
  }

  private static void join(@Nullable Thread thread) {
    try {
      if (thread != null) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One pass through the file. */
  private final class Filling implements ImageIndexFile.Reader {

    private final SqliteIndex index;
    private final Instant storedAt;
    private final long losses;
    private int restored;
    private int portionBytes;
    private boolean isCutShort;

    Filling(SqliteIndex index, Instant storedAt) {
      this.index = index;
      this.storedAt = storedAt;
      this.losses = index.losses();
    }

    @Override
    public boolean next(ImageIndexFile.Entry entry) {
      try {
        restore(entry);
      } catch (OciException | IOException e) {
        LOG.warn("{} in index.json is left out: {}", entry.digest(), e.getMessage());
      }
      if (portionBytes >= PORTION_BYTES) {
        index.flush();
        portionBytes = 0;
        isCutShort = isStopping;
      }
      return !isCutShort;
    }

    private void restore(ImageIndexFile.Entry entry) throws IOException {
      Optional<byte[]> content = blobs.read(entry.digest(), Manifest.SIZE_BYTES_MAX);
      if (content.isEmpty()) {
        return;
      }
      byte[] bytes = content.get();
      if (!entry.digest().algorithm().of(bytes).equals(entry.digest())) {
        throw new OciException(ErrorCode.DIGEST_INVALID, "its file holds something else");
      }
      Manifest manifest = Manifest.parse(bytes, entry.mediaType());
      index.putManifest(entry.origin(), entry.digest(), manifest, bytes.length, storedAt);
      if (entry.tag() != null) {
        index.restoreTag(entry.origin(), entry.tag(), entry.digest());
      }
      portionBytes += Math.max(bytes.length, ENTRY_BYTES);
      restored++;
    }
  }
}
