package io.weir.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.oci.Descriptor;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.tracing.Span;
import io.weir.upstream.Upstream;
import io.weir.upstream.UpstreamException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches config and layers as soon as a client has their manifest: a client that asks for one
 * after another finds the next one arriving.
 *
 * <p>Of an index nothing is fetched: its client says with its next request which platform it wants,
 * and only that one's blobs are. A manifest is looked at once in {@link #REMEMBERED}, however often
 * it is pulled. A virtual thread for each manifest lets its blobs begin in the manifest's order, as
 * their turns come: how many blobs of an upstream come at the same time is bounded, and so is how
 * many manifests wait. What is not fetched ahead is fetched when it is asked for, so whatever goes
 * wrong here harms nobody.
 *
 * <p>Thread-safe.
 */
final class Prefetch {

  private static final Logger LOG = LoggerFactory.getLogger(Prefetch.class);

  /** How long a manifest is not looked at again. */
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private static final int REMEMBERED_MAX = 10_000;

  /** Manifests whose blobs wait for their turns, over all upstreams. */
  private static final int WAITING_MAX = 200;

  private record Listed(Origin origin, Digest manifest) {}

  private final int blobsMax;
  private final Function<Origin, Upstream> upstreams;
  private final BlobFetches blobs;
  private final Cache<Listed, Boolean> seen;
  private final ConcurrentMap<String, Semaphore> turns = new ConcurrentHashMap<>();
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * @param blobsMax how many blobs of one upstream are fetched ahead at the same time; 0 is none
   */
  Prefetch(
      int blobsMax, Function<Origin, Upstream> upstreams, BlobFetches blobs, InstantSource clock) {
    this.blobsMax = blobsMax;
    this.upstreams = upstreams;
    this.blobs = blobs;
    this.seen =
        Caffeine.newBuilder()
            .maximumSize(REMEMBERED_MAX)
            .expireAfterWrite(REMEMBERED)
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            .executor(Runnable::run)
            .build();
  }

  /**
   * A client has got {@code manifest} and will ask for what it lists. Never blocks.
   *
   * @param cause the span of the client's request
   */
  void expect(Origin origin, StoredManifest manifest, Span cause) {
    if (atOnce(origin) == 0) {
      return;
    }
    Listed listed = new Listed(origin, manifest.digest());
    if (seen.getIfPresent(listed) == null && seen.asMap().putIfAbsent(listed, true) == null) {
      Span after = cause.aftermath();
      Thread _ = Thread.ofVirtual().name("prefetch").start(() -> begin(origin, manifest, after));
    }
  }

  private void begin(Origin origin, StoredManifest stored, Span after) {
    try {
      if (waiting.incrementAndGet() <= WAITING_MAX) {
        Semaphore turns = turns(origin);
        for (Digest blob : blobs(stored)) {
          turns.acquireUninterruptibly();
          Thread _ =
              Thread.ofVirtual()
                  .name("prefetch")
                  .start(() -> after.run(() -> fetch(origin, blob, turns)));
        }
      }
    } catch (OciException e) {
      LOG.debug("nothing is fetched ahead: {}", e.getMessage()); // the upstream has gone meanwhile
    } finally {
      waiting.decrementAndGet();
    }
  }

  private static List<Digest> blobs(StoredManifest stored) {
    Manifest manifest;
    try {
      manifest = Manifest.parse(stored.content(), stored.mediaType());
    } catch (OciException e) {
      return List.of(); // it was stored as it came
    }
    return manifest.isIndex()
        ? List.of()
        : manifest.children().stream()
            .filter(child -> !child.external())
            .map(Descriptor::digest)
            .distinct()
            .toList();
  }

  private void fetch(Origin origin, Digest blob, Semaphore turns) {
    try {
      blobs.ahead(origin, blob);
    } catch (UpstreamException | OciException e) {
      LOG.atDebug()
          .addKeyValue("origin", origin)
          .addKeyValue("digest", blob)
          .log("not fetched ahead: {}", e.getMessage());
    } finally {
      turns.release();
    }
  }

  private Semaphore turns(Origin origin) {
    return turns.computeIfAbsent(
        origin.upstream(), _ -> new Semaphore(Math.max(1, atOnce(origin)), true));
  }

  /** Most connections are for those who wait. */
  private int atOnce(Origin origin) {
    return Math.min(blobsMax, upstreams.apply(origin).config().connections() / 4);
  }
}
