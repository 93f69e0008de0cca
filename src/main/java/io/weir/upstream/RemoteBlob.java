package io.weir.upstream;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The body of a blob, arriving. Used by one thread at a time; closing it early drops the
 * connection.
 */
public interface RemoteBlob extends AutoCloseable {

  /**
   * Where in the blob this body begins: what was asked for, or 0 where the upstream does not do
   * ranges.
   */
  long offset();

  /** One past the last byte that this body brings; −1 where that is the blob's end. */
  long endsAt();

  /** The whole blob's length in bytes, or −1 where the upstream does not say. */
  long sizeBytes();

  /**
   * The next bytes, waiting for them; null at the end. The buffer has an accessible array and
   * belongs to the caller.
   *
   * @throws UpstreamException {@code UNAVAILABLE} where the connection broke or ended short of the
   *     announced length, {@code TIMEOUT} where nothing came within the stall limit
   */
  @Nullable ByteBuffer next();

  @Override
  void close();
}
