package io.weir.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Content on its way in: hashed as it is written, visible to readers of {@link #file} at once, and
 * in the store only after {@link #commit}.
 *
 * <p>Used by one thread. Closing without a commit keeps what came, for a later attempt, even after
 * a crash; {@link #discard} and {@link #drop} do away with it.
 */
public interface IncomingBlob extends AutoCloseable {

  /** How many bytes are here, from the beginning of the blob. */
  long writtenBytes();

  /**
   * Appends all of {@code bytes}.
   *
   * @throws IOException where the disk does not take them, with the file's path in the message.
   *     {@link #writtenBytes} and {@link #hashSoFar} are then what they were before; the file may
   *     have a part of the bytes behind that
   */
  void write(ByteBuffer bytes) throws IOException;

  /** Whether the bytes so far hash to the digest. Does not end the hashing. */
  boolean isComplete();

  /** A hash computation of its own, which has seen the first {@link #writtenBytes} bytes. */
  MessageDigest hashSoFar();

  /**
   * Makes the content durable and puts it in the store: force, rename, force the folder.
   *
   * @throws IllegalStateException unless {@link #isComplete}
   */
  StoredBlob commit() throws IOException;

  /**
   * Forgets everything received; the next byte written is the blob's first. Readers of {@link
   * #file} keep the old file.
   */
  void discard() throws IOException;

  /**
   * Deletes the file, for good: nothing can be written or committed any more. Readers of {@link
   * #file} read on. Where the disk does not let go of it either, it stays for a later attempt.
   */
  void drop();

  /**
   * The growing file. A reader retains it first, and reads no further than it was told is written.
   */
  SharedFile file();

  @Override
  void close();
}
