package io.weir.cache;

import io.weir.store.SharedFile;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One reader's view of a blob that is being fetched.
 *
 * <p>Bytes from {@link #firstByte} to before {@link Progress#visibleTo} may be read from {@link
 * #file} at any pace. The blob's tail becomes visible only when its digest is known to be right.
 * How it ends is the last {@link Progress#stage}. Thread-safe, and never blocks.
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
   * @param visibleTo one past the last of the blob's bytes that may be read
   * @param stage what follows them
   */
  record Progress(long visibleTo, Stage stage) {}

  /** What ended the fetch, where it {@link Stage#FAILED}. */
  Optional<RuntimeException> failure();

  /** The blob's length, or −1 while upstream has not said. */
  long sizeBytes();

  /** The file that grows. Open as long as this reader is. */
  SharedFile file();

  /** The offset in the blob of the file's first byte: more than 0 only where it has a part. */
  long firstByte();

  /**
   * A view of a part of the blob, where that would otherwise come much later: the part is fetched
   * first. It takes the place of this one, which is closed with it. Blocks.
   *
   * @param from the part's first byte
   * @param to one past its last
   * @param isToEnd whether it is the rest of the blob for a client that has what is before it; then
   *     the end is held back until the whole blob is known to be right
   * @return null where there is no such view, and this one has to do
   */
  @Nullable GrowingBlob ahead(long from, long to, boolean isToEnd);

  /** How far the fetch is now. */
  Progress progress();

  /**
   * All bytes that are not visible, where the fetch has {@link Stage#SPILLED}: a stream of this
   * reader's own, which asks upstream when it is read. The caller closes it; the reader may leave
   * before.
   */
  Passage rest();

  /**
   * Calls {@code wake} once, as soon as more than before {@code seenTo} is visible, or an end; at
   * once where there already is. The call comes on the fetch's thread, or on this one.
   */
  void onProgress(long seenTo, Runnable wake);

  /** Leaves the fetch. */
  @Override
  void close();
}
