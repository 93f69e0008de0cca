package io.weir.cache;

import io.weir.store.SharedFile;
import java.util.Optional;

/**
 * One reader's view of a blob that is being fetched.
 *
 * <p>Bytes below {@link Progress#visibleBytes} may be read from {@link #file} at any pace. The
 * blob's tail becomes visible only when its digest is known to be right; if it is wrong, or
 * upstream is lost for good, {@link Progress#failed} turns true and the reader breaks its
 * connection. Thread-safe, and never blocks.
 */
public interface GrowingBlob extends AutoCloseable {

  /**
   * How far the fetch is.
   *
   * @param visibleBytes how many bytes from the beginning may be read
   * @param whole whether these are all
   * @param failed whether no more will come
   */
  record Progress(long visibleBytes, boolean whole, boolean failed) {}

  /** What ended the fetch, where {@link Progress#failed}. */
  Optional<RuntimeException> failure();

  /** The blob's length, or −1 while upstream has not said. */
  long sizeBytes();

  /** The file that grows. Open as long as this reader is. */
  SharedFile file();

  /** How far the fetch is now. */
  Progress progress();

  /**
   * Calls {@code wake} once, as soon as there is progress beyond {@code seenBytes}, or an end; at
   * once where there already is. The call comes on the fetch's thread, or on this one.
   */
  void onProgress(long seenBytes, Runnable wake);

  /** Leaves the fetch. */
  @Override
  void close();
}
