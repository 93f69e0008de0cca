package io.weir.cache;

import io.weir.store.SharedFile;
import java.util.Optional;

/**
 * One reader's view of a blob that is being fetched.
 *
 * <p>Bytes below {@link Progress#visibleBytes} may be read from {@link #file} at any pace. The
 * blob's tail becomes visible only when its digest is known to be right. How it ends is the last
 * {@link Progress#stage}. Thread-safe, and never blocks.
 */
public interface GrowingBlob extends AutoCloseable {

  /** What a reader that has all visible bytes does next. */
  enum Stage {
    /** There will be more: it waits. */
    ARRIVING,
    /** These are all: it is done. */
    WHOLE,
    /** The disk takes no more: it goes on with {@link #rest}. */
    SPILLED,
    /** Upstream is lost for good, or the digest is wrong: it breaks its connection. */
    FAILED
  }

  /**
   * How far the fetch is.
   *
   * @param visibleBytes how many bytes from the beginning may be read
   * @param stage what follows them
   */
  record Progress(long visibleBytes, Stage stage) {}

  /** What ended the fetch, where it {@link Stage#FAILED}. */
  Optional<RuntimeException> failure();

  /** The blob's length, or −1 while upstream has not said. */
  long sizeBytes();

  /** The file that grows. Open as long as this reader is. */
  SharedFile file();

  /** How far the fetch is now. */
  Progress progress();

  /**
   * All bytes that are not visible, where the fetch has {@link Stage#SPILLED}: a stream of this
   * reader's own, which asks upstream when it is read. The caller closes it; the reader may leave
   * before.
   */
  Passage rest();

  /**
   * Calls {@code wake} once, as soon as there is progress beyond {@code seenBytes}, or an end; at
   * once where there already is. The call comes on the fetch's thread, or on this one.
   */
  void onProgress(long seenBytes, Runnable wake);

  /** Leaves the fetch. */
  @Override
  void close();
}
