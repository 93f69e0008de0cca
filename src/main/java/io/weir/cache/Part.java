package io.weir.cache;

import static java.util.Objects.requireNonNull;

import io.weir.config.Config.Abandoned;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.store.Blobs;
import io.weir.store.SharedFile;
import io.weir.upstream.RemoteBlob;
import io.weir.upstream.Upstream;
import io.weir.upstream.UpstreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A part of a blob on its way from upstream to a file of its own, ahead of the blob's fetch, which
 * takes the bytes from there when it comes to them.
 *
 * <p>To clients that asked for a range it is a blob that grows. Nothing of it is verified before
 * the fetch has hashed it in its place. Where it fails nothing is lost: the fetch asks upstream for
 * what is missing. A virtual thread fills it, and keeps the file until it is {@link #drop dropped};
 * who reads it then reads on.
 */
final class Part {

  private static final Logger LOG = LoggerFactory.getLogger(Part.class);

  /** How much is read of it at a time. */
  private static final int READ_BYTES = 128 << 10;

  private final Digest digest;
  private final Origin origin;
  private final long from;
  private final long to;
  private final @Nullable Fetch whole;
  private final Fetch arrival;
  private final CountDownLatch dropped = new CountDownLatch(1);

  /** Set once, before the arrival has started. */
  private volatile @Nullable SharedFile file;

  /**
   * A part that nobody fills yet.
   *
   * @param from its first byte
   * @param to one past its last
   * @param whole the blob's fetch, where the end of the part is held back until that one is right;
   *     otherwise null
   */
  Part(Digest digest, Origin origin, long from, long to, @Nullable Fetch whole) {
    this.digest = digest;
    this.origin = origin;
    this.from = from;
    this.to = to;
    this.whole = whole;
    this.arrival =
        new Fetch(digest, origin, Abandoned.FINISH, from, whole == null ? 0 : HeldTail.BYTES);
  }

  long from() {
    return from;
  }

  long to() {
    return to;
  }

  long sizeBytes() {
    return to - from;
  }

  /** Whether a client may have {@code from} to {@code to} of it, its end held back or not. */
  boolean serves(long from, long to, boolean isToEnd) {
    return this.from <= from && to <= this.to && isToEnd == (whole != null);
  }

  /** Whether it has the byte at {@code position}, or will have it soon. */
  boolean brings(long position) {
    return from <= position && position < to && arrival.isReadable();
  }

  /**
   * A reader of it. Blocks until upstream has begun to answer.
   *
   * @param onClose what is done when the reader is closed
   * @return null where it does not come
   */
  @Nullable GrowingBlob read(Runnable onClose) {
    if (!arrival.tryJoin(origin)) {
      return null;
    }
    try {
      return arrival.awaitStart(onClose);
    } catch (UpstreamException e) {
      return null;
    }
  }

  /**
   * The next bytes from {@code position} on, waiting for them; null where they do not come.
   *
   * @param errand ends the waiting
   */
  @Nullable ByteBuffer read(long position, Errand errand) {
    long at = position - from;
    long writtenBytes = errand.asking(() -> arrival.awaitWritten(at));
    SharedFile file = this.file;
    if (writtenBytes < 0 || file == null) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(READ_BYTES, writtenBytes - at));
    try {
      while (bytes.hasRemaining()) {
        if (file.channel().read(bytes, at + bytes.position()) < 0) {
          return null;
        }
      }
    } catch (IOException e) {
      LOG.debug("a part that came ahead cannot be read: {}", e.toString());
      return null;
    }
    return bytes.flip();
  }

  /** The fetch needs it no more. Where nobody else reads it, it ends. */
  void drop() {
    dropped.countDown();
    arrival.stopUnread();
  }

  /** It ends at once, whoever reads it. */
  void stop() {
    dropped.countDown();
    arrival.errand().interrupt();
  }

  // The filling thread.

  /**
   * Fills it, and returns when it has been dropped.
   *
   * @param upstream where a connection is waited for, unless there is one
   * @param spare the connection, if there is one; it is closed here
   * @param sizeBytes the whole blob's length
   * @param rest what follows the last byte that the disk took, from a given offset on
   * @param filled called when the lane is free again
   */
  void fill(
      Upstream upstream,
      Upstream.@Nullable Lane spare,
      Blobs blobs,
      Disk disk,
      long sizeBytes,
      LongFunction<Passage> rest,
      Runnable filled) {
    try (Allowance allowance = new Allowance(disk)) {
      Errand errand = arrival.errand();
      SharedFile file = null;
      RuntimeException failure = null;
      long writtenBytes = 0;
      try (Upstream.Lane lane = spare != null ? spare : errand.asking(upstream::openLane)) {
        allowance.claim(origin.upstream(), sizeBytes());
        file = blobs.scratch();
        this.file = file;
        try (Download download = download(lane, sizeBytes)) {
          download.begin();
          arrival.started(file, 0, sizeBytes, null);
          while (writtenBytes < sizeBytes()) {
            writtenBytes += file.write(requireNonNull(download.next()), writtenBytes);
            arrival.advanced(writtenBytes);
          }
        }
      } catch (IOException e) {
        long position = from + writtenBytes;
        arrival.spilled(CacheStatus.DISK_FULL, () -> rest.apply(position));
      } catch (RuntimeException e) {
        LOG.atDebug().addKeyValue("digest", digest).log("a part failed: {}", e.getMessage());
        failure = e;
      } finally {
        filled.run();
      }
      settle(writtenBytes, failure);
      awaitDropped();
      if (file != null) {
        file.release();
      }
    }
  }

  private Download download(Upstream.Lane lane, long sizeBytes) {
    return new Download(
        (position, _) -> open(lane, position), origin, digest, arrival.errand(), from, sizeBytes);
  }

  private RemoteBlob open(Upstream.Lane lane, long position) {
    if (position < from) {
      throw new UpstreamException(
          UpstreamException.Kind.INVALID, origin.upstream() + ": does not give parts of blobs");
    }
    return lane.open(origin.repository(), digest, position, to);
  }

  private void settle(long writtenBytes, @Nullable RuntimeException failure) {
    boolean isWhole = failure == null && writtenBytes == sizeBytes();
    if (isWhole && (whole == null || whole.awaitWhole())) {
      arrival.complete();
    }
    arrival.ended(failure);
  }

  private void awaitDropped() {
    try {
      dropped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
