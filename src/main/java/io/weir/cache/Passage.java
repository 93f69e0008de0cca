package io.weir.cache;

import io.weir.oci.Digest;
import io.weir.upstream.UpstreamException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A blob, or the rest of one, that passes through without being stored: one client's own stream
 * from upstream.
 *
 * <p>Nothing is read ahead but what waits in the upstream's queue, so a slow client holds back
 * upstream. A broken connection is gone on with by Range. What begins at the blob's first byte, or
 * goes on behind bytes that were hashed as they were read, is hashed, and its last {@link
 * HeldTail#BYTES} are given only when the digest is known to be right.
 *
 * <p>What begins in the middle for a client that asked for a range is not hashed: nobody can say
 * whether a part is right without the whole, and a client that asks for parts puts them together
 * and hashes them itself.
 *
 * <p>Used by one thread, which blocks; {@link #stop} may be called by any.
 */
public final class Passage implements AutoCloseable {

  private final Digest digest;
  private final Download download;
  private final Integrity integrity;
  private final @Nullable HeldTail tail;
  private long position;
  private boolean hasEnded;

  /**
   * A passage that has asked nothing yet.
   *
   * @param download the passage closes it
   * @param fromByte the offset of the first byte that it gives
   * @param tail what of the bytes before {@code download}'s is held back, or null where nothing is
   *     hashed
   */
  Passage(
      Digest digest,
      Download download,
      Integrity integrity,
      long fromByte,
      @Nullable HeldTail tail) {
    this.digest = digest;
    this.download = download;
    this.integrity = integrity;
    this.position = fromByte;
    this.tail = tail;
  }

  /** The whole blob's length, or −1 where upstream does not say. */
  public long sizeBytes() {
    return download.sizeBytes();
  }

  /** The offset of the next byte. */
  public long position() {
    return position;
  }

  /**
   * The next bytes, never none, waiting for them; null at the end. The buffer belongs to the
   * caller.
   *
   * @throws UpstreamException where upstream is lost for good, or sent bytes that do not hash to
   *     the digest; the caller breaks its connection
   */
  public @Nullable ByteBuffer next() {
    ByteBuffer bytes = tail == null ? download.next() : next(tail);
    if (bytes != null) {
      position += bytes.remaining();
    }
    return bytes;
  }

  private @Nullable ByteBuffer next(HeldTail tail) {
    ByteBuffer free = tail.poll();
    while (free == null && !hasEnded) {
      ByteBuffer bytes = download.next();
      if (bytes != null) {
        tail.put(bytes);
      } else {
        verify(tail);
      }
      free = tail.poll();
    }
    return free;
  }

  private void verify(HeldTail tail) {
    if (!tail.end(digest)) {
      throw integrity.wrongBytes(download.origin(), digest);
    }
    hasEnded = true;
  }

  /** Ends it at once: {@link #next} throws, also where it is waiting. */
  public void stop() {
    download.stop();
  }

  /** Drops the connection upstream, where it is not at its end. */
  @Override
  public void close() {
    download.close();
  }
}
