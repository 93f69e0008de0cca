package io.weir.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.store.Index;

/**
 * Which repository has shown which digest, and how long that content is.
 *
 * <p>Content that is stored for one repository is served in another only after upstream has shown
 * it there too: whoever guesses or knows the digest of a private layer does not get it through a
 * public repository. A manifest that mentions a digest shows nothing; upstream's answer to a GET or
 * HEAD of that digest does.
 *
 * <p>A length is that of verified bytes, so a file of another length is damaged. What upstream says
 * of a length is not taken for it. Thread-safe.
 */
final class Links {

  private static final int REMEMBERED_MAX = 50_000;
  private static final long UNKNOWN = -1;

  private record Link(Origin origin, Digest digest) {}

  private final Index index;

  /** The content's length, or {@link #UNKNOWN}. */
  private final Cache<Link, Long> remembered =
      Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).executor(Runnable::run).build();

  Links(Index index) {
    this.index = index;
  }

  /** Whether {@code digest} is known in {@code origin}, as far as memory goes. Does not block. */
  boolean recall(Origin origin, Digest digest) {
    return remembered.getIfPresent(new Link(origin, digest)) != null;
  }

  /**
   * The length of what is known in {@code origin}, as far as memory goes; −1 where that does not
   * know one or the other. Does not block.
   */
  long recallSizeBytes(Origin origin, Digest digest) {
    Long sizeBytes = remembered.getIfPresent(new Link(origin, digest));
    return sizeBytes == null ? UNKNOWN : sizeBytes;
  }

  /** Whether {@code digest} is known in {@code origin}. */
  boolean has(Origin origin, Digest digest) {
    return recall(origin, digest) || ask(origin, digest).isLinked();
  }

  /**
   * The length of {@code digest}, whether or not {@code origin} has it; −1 where nothing is known
   * of it being stored.
   */
  long sizeBytes(Origin origin, Digest digest) {
    long recalled = recallSizeBytes(origin, digest);
    return recalled == UNKNOWN ? ask(origin, digest).sizeBytes() : recalled;
  }

  /** As {@link #sizeBytes}, as the last change has left it. */
  long sizeBytesNow(Origin origin, Digest digest) {
    forget(origin, digest);
    index.flush();
    return ask(origin, digest).sizeBytes();
  }

  private Index.ContentRow ask(Origin origin, Digest digest) {
    Index.ContentRow row = index.content(origin, digest);
    if (row.isLinked()) {
      remembered.put(new Link(origin, digest), row.sizeBytes());
    }
    return row;
  }

  /**
   * Upstream has shown {@code digest} in {@code origin}, and the index is told by the caller.
   *
   * @param sizeBytes how many bytes came and were right
   */
  void remember(Origin origin, Digest digest, long sizeBytes) {
    remembered.put(new Link(origin, digest), sizeBytes);
  }

  /** Upstream has shown {@code digest} in {@code origin}. */
  void add(Origin origin, Digest digest) {
    Long _ = remembered.asMap().putIfAbsent(new Link(origin, digest), UNKNOWN);
    index.link(origin, digest);
  }

  /** The repository does not have {@code digest} any more; upstream is asked again. */
  void forget(Origin origin, Digest digest) {
    remembered.invalidate(new Link(origin, digest));
  }
}
