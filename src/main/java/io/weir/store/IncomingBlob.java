package io.weir.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Content on its way in: hashed as it is written, visible to readers of {@link #file} at once, and
 * in the store only after {@link #commit}.
 *
 * <p>Used by one thread. Closing without a commit keeps what came, for a later attempt, even after
 * a crash; {@link #discard} drops it.
 */
public interface IncomingBlob extends AutoCloseable {

  /** How many bytes are here, from the beginning of the blob. */
  long writtenBytes();

  /**
   * Appends all of {@code bytes}.
   *
   * @throws IOException where the disk does not take them
   */
  void write(ByteBuffer bytes) throws IOException;

  /** Whether the bytes so far hash to the digest. Does not end the hashing. */
  boolean isComplete();

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
   * The growing file. A reader retains it first, and reads no further than it was told is written.
   */
  SharedFile file();

  @Override
  void close() throws IOException;
}
