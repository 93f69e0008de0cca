package io.weir.warm;

import io.weir.cache.Cache;
import io.weir.cache.Delivery;
import io.weir.cache.StoredManifest;
import io.weir.config.Config;
import io.weir.config.Suggestions;
import io.weir.config.UpstreamConfig;
import io.weir.oci.Descriptor;
import io.weir.oci.Digest;
import io.weir.oci.ErrorCode;
import io.weir.oci.ImageReference;
import io.weir.oci.Manifest;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.oci.Platform;
import io.weir.oci.Reference;
import io.weir.store.StorageException;
import io.weir.tracing.Span;
import io.weir.tracing.Tracing;
import io.weir.upstream.UpstreamException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches one image, or several at the same time, which then share the turns of their upstream: at
 * most a quarter of its connections is for blobs that nobody waits for. Thread-safe.
 */
final class ImageWarming {

  private static final Logger LOG = LoggerFactory.getLogger(ImageWarming.class);

  /** Indexes may list indexes; nobody is known to go further than one in another. */
  private static final int DEPTH_MAX = 4;

  private static final long SIZE_BYTES_MAX = 1L << 50;

  private final Cache cache;
  private final Config config;
  private final List<String> platforms;
  private final WarmProgress progress;
  private final Tracing tracing;
  private final ConcurrentMap<String, Semaphore> turns = new ConcurrentHashMap<>();

  ImageWarming(
      Cache cache, Config config, List<String> platforms, WarmProgress progress, Tracing tracing) {
    this.cache = cache;
    this.config = config;
    this.platforms = List.copyOf(platforms);
    this.progress = progress;
    this.tracing = tracing;
  }

  /** Fetches an image, and returns when all of it has been tried. Blocks. */
  Warmed warm(String reference) {
    One one = new One(tracing.begin("warm"));
    one.trying(() -> {
      ImageReference named = ImageReference.parse(reference);
      one.find(upstream(named.upstream()).origin(named.repository()), named.reference());
    });
    progress.manifestsRead();
    one.fetchBlobs();
    return one.result(reference);
  }

  private UpstreamConfig upstream(String name) {
    return config
        .upstream(name)
        .orElseThrow(() ->
            new OciException(
                ErrorCode.NAME_UNKNOWN,
                "no upstream \"%s\" is configured%s"
                    .formatted(name, Suggestions.didYouMean(name, config.upstreams().keySet()))));
  }

  /** A manifest may say anything; sums have to stay sums. */
  private static long sizeOf(Descriptor blob) {
    return Math.clamp(blob.sizeBytes(), 0, SIZE_BYTES_MAX);
  }

  private Semaphore turns(Origin origin) {
    return turns.computeIfAbsent(
        origin.upstream(),
        name -> {
          int connections = config.upstream(name).map(UpstreamConfig::connections).orElse(1);
          return new Semaphore(Math.max(1, connections / 4), true);
        });
  }

  /** One image while it is fetched. Its manifests are fetched by one thread, its blobs by many. */
  private final class One {

    private final Set<Digest> manifests = new HashSet<>();
    private final Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
    private final AtomicReference<@Nullable String> error = new AtomicReference<>();
    private final LongAdder count = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final Span span;
    private @Nullable Origin origin;
    private @Nullable Digest digest;

    One(Span span) {
      this.span = span;
    }

    Warmed result(String reference) {
      span.end();
      return new Warmed(
          reference,
          Optional.ofNullable(digest),
          count.sum(),
          bytes.sum(),
          Optional.ofNullable(error.get()));
    }

    /** Fetches the manifests. */
    void find(Origin origin, Reference reference) {
      this.origin = origin;
      span.about(origin.upstream(), origin.repository().name(), reference.toString());
      StoredManifest root = manifest(origin, reference);
      digest = root.digest();
      cache.pulled(origin, root.digest());
      descend(origin, root, 1);
    }

    void fetchBlobs() {
      Origin from = origin;
      if (from == null) {
        return; // its name is none
      }
      try (ExecutorService threads =
          Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("warm").factory())) {
        blobs.values().forEach(blob -> threads.execute(() -> trying(() -> blob(from, blob))));
      }
    }

    /** What fails is remembered, the first time; the rest is of use all the same. */
    void trying(Runnable step) {
      try {
        span.run(step);
      } catch (UpstreamException | StorageException | OciException e) {
        failed(String.valueOf(e.getMessage()));
      } catch (RuntimeException e) {
        LOG.error("an image could not be fetched ahead", e);
        failed("this failed; the server's log says why");
      }
    }

    private void failed(String why) {
      if (error.compareAndSet(null, why)) {
        span.fail("incomplete", why);
      }
    }

    private StoredManifest manifest(Origin origin, Reference reference) {
      if (progress.isCancelled()) {
        throw new UpstreamException(UpstreamException.Kind.UNAVAILABLE, "it was cancelled");
      }
      StoredManifest manifest = cache.manifest(origin, reference).manifest();
      cache.restore(origin, manifest.digest(), true); // what memory gave may not be on disk
      progress.expect(manifest.digest(), manifest.content().length);
      stored(manifest.digest(), manifest.content().length);
      return manifest;
    }

    private void stored(Digest stored, long sizeBytes) {
      progress.stored(stored, sizeBytes);
      count.increment();
      bytes.add(sizeBytes);
    }

    /** Fetches the manifests below, and finds the blobs. */
    private void descend(Origin origin, StoredManifest stored, int depth) {
      manifests.add(stored.digest());
      Manifest manifest = Manifest.parse(stored.content(), stored.mediaType());
      if (!manifest.isIndex()) {
        for (Descriptor child : manifest.children()) {
          if (!child.external() && blobs.putIfAbsent(child.digest(), child) == null) {
            progress.expect(child.digest(), sizeOf(child));
          }
        }
        return;
      }
      if (depth == DEPTH_MAX) {
        failed("it has indexes in indexes, more than %d deep".formatted(DEPTH_MAX));
        return;
      }
      for (Descriptor child : wanted(manifest)) {
        if (!manifests.contains(child.digest())) {
          trying(() -> descend(origin, manifest(origin, child.digest()), depth + 1));
        }
      }
    }

    /** What is for no platform is for all. */
    private List<Descriptor> wanted(Manifest index) {
      if (platforms.isEmpty()) {
        return index.children();
      }
      Set<String> offered = new LinkedHashSet<>();
      List<Descriptor> wanted = new ArrayList<>();
      for (Descriptor child : index.children()) {
        String stated = child.platform();
        if (stated != null && !stated.equals(Platform.UNKNOWN)) {
          offered.add(stated);
        }
        if (stated == null
            || platforms.stream().anyMatch(platform -> Platform.covers(platform, stated))) {
          wanted.add(child);
        }
      }
      for (String platform : platforms) {
        if (!offered.isEmpty()
            && offered.stream().noneMatch(other -> Platform.covers(platform, other))) {
          failed(
              "there is none for %s, only for %s".formatted(platform, String.join(", ", offered)));
        }
      }
      return wanted;
    }

    private void blob(Origin origin, Descriptor blob) {
      Semaphore turn = turns(origin);
      turn.acquireUninterruptibly();
      try {
        Delivery delivery = cache.delivery(origin, blob.digest());
        progress.begins(delivery);
        try {
          delivery.await();
          stored(blob.digest(), sizeOf(blob));
        } finally {
          progress.ended(delivery);
        }
      } finally {
        turn.release();
      }
    }
  }
}
