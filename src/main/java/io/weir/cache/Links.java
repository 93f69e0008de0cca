package io.weir.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.store.Index;

/**
 * Which repository has shown which digest.
 *
 * <p>Content that is stored for one repository is served in another only after upstream has shown
 * it there too: whoever guesses or knows the digest of a private layer does not get it through a
 * public repository. A manifest that mentions a digest shows nothing; upstream's answer to a GET or
 * HEAD of that digest does. Thread-safe.
 */
final class Links {

  private static final int REMEMBERED_MAX = 50_000;

  private record Link(Origin origin, Digest digest) {}

  private final Index index;
  private final Cache<Link, Boolean> remembered =
      Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).executor(Runnable::run).build();

  Links(Index index) {
    this.index = index;
  }

  /** Whether {@code digest} is known in {@code origin}, as far as memory goes. Does not block. */
  boolean recall(Origin origin, Digest digest) {
    return remembered.getIfPresent(new Link(origin, digest)) != null;
  }

  /** Whether {@code digest} is known in {@code origin}. */
  boolean has(Origin origin, Digest digest) {
    Link link = new Link(origin, digest);
    if (remembered.getIfPresent(link) != null) {
      return true;
    }
    if (!index.isLinked(origin, digest)) {
      return false;
    }
    remembered.put(link, Boolean.TRUE);
    return true;
  }

  /** Upstream has shown {@code digest} in {@code origin}, and the index is told by the caller. */
  void remember(Origin origin, Digest digest) {
    remembered.put(new Link(origin, digest), Boolean.TRUE);
  }

  /** Upstream has shown {@code digest} in {@code origin}. */
  void add(Origin origin, Digest digest) {
    remember(origin, digest);
    index.link(origin, digest);
  }

  /** The repository does not have {@code digest} any more; upstream is asked again. */
  void forget(Origin origin, Digest digest) {
    remembered.invalidate(new Link(origin, digest));
  }
}
