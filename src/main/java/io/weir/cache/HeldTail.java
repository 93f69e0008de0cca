package io.weir.cache;

import io.weir.oci.Digest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A blob's bytes on their way past, of which the last {@link #BYTES} are held back until the digest
 * is known to be right: a wrong blob never gets to its end. Used by one thread.
 *
 * <p>One byte would do to keep a wrong blob from being complete; a page keeps a client from making
 * sense of what it has.
 */
final class HeldTail {

  /** How much is held back. */
  static final int BYTES = 4096;

  private final MessageDigest hash;
  private final Deque<ByteBuffer> free = new ArrayDeque<>();
  private ByteBuffer held;

  /**
   * Goes on behind the beginning of a blob.
   *
   * @param hash has seen the beginning, {@code held} included; it is changed here
   * @param held the last bytes of the beginning, at most {@link #BYTES}
   */
  HeldTail(MessageDigest hash, ByteBuffer held) {
    this.hash = hash;
    this.held = held;
  }

  /** Begins at a blob's first byte. */
  static HeldTail ofWhole(Digest digest) {
    return new HeldTail(digest.algorithm().newMessageDigest(), ByteBuffer.allocate(0));
  }

  /** Takes the next bytes, and keeps the buffer. */
  void put(ByteBuffer bytes) {
    hash.update(bytes.duplicate());
    ByteBuffer last = bytes;
    if (bytes.remaining() < BYTES) {
      last = joined(held, bytes);
    } else if (held.hasRemaining()) {
      free.add(held);
    }
    int freedBytes = Math.max(0, last.remaining() - BYTES);
    if (freedBytes > 0) {
      free.add(last.slice(last.position(), freedBytes));
      last.position(last.position() + freedBytes);
    }
    // A copy, so that a page does not keep the memory of a large piece.
    held = joined(ByteBuffer.allocate(0), last);
  }

  private static ByteBuffer joined(ByteBuffer first, ByteBuffer second) {
    return ByteBuffer.allocate(first.remaining() + second.remaining())
        .put(first)
        .put(second)
        .flip();
  }

  /** The next bytes that may go on; null where there are none for now. */
  @Nullable ByteBuffer poll() {
    return free.poll();
  }

  /**
   * There are no more bytes. Where all of them hash to {@code digest}, what is held back is free.
   *
   * @return whether they do
   */
  boolean end(Digest digest) {
    if (!digest.algorithm().finish(hash.digest()).equals(digest)) {
      return false;
    }
    if (held.hasRemaining()) {
      free.add(held);
    }
    held = ByteBuffer.allocate(0);
    return true;
  }
}
