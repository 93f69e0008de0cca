package io.weir.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.metrics.Kind;
import io.weir.metrics.Metrics;
import io.weir.metrics.Where;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.oci.Reference;
import io.weir.oci.Tag;
import io.weir.retention.Space.Claim;
import io.weir.store.Blobs;
import io.weir.store.Index;
import io.weir.store.Inventory;
import io.weir.store.Removed;
import io.weir.store.StorageException;
import io.weir.store.Store;
import io.weir.store.StoredBlob;
import io.weir.tracing.Span;
import io.weir.upstream.RemoteHead;
import io.weir.upstream.RemoteManifest;
import io.weir.upstream.Upstream;
import io.weir.upstream.UpstreamException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tags and manifests.
 *
 * <p>A manifest is kept as its bytes under its digest, for ever right. A tag is a claim with an
 * age: within its refresh time it is believed; after that one HEAD confirms or moves it; while
 * upstream fails the old claim serves as long as the configuration allows. What a request costs
 * upstream:
 *
 * <table>
 * <caption>Requests upstream</caption>
 * <tr><td>manifest by digest, stored and shown in this repository</td><td>none</td></tr>
 * <tr><td>tag within its refresh time</td><td>none</td></tr>
 * <tr><td>tag after it, unchanged</td><td>HEAD</td></tr>
 * <tr><td>tag after it, moved</td><td>HEAD, GET by the new digest</td></tr>
 * <tr><td>tag or digest never seen</td><td>GET</td></tr>
 * <tr><td>digest stored for another repository</td><td>HEAD</td></tr>
 * </table>
 *
 * A tag is only ever answered with a manifest that is at hand, so a client never learns a digest it
 * cannot get.
 */
final class Manifests {

  private static final Logger LOG = LoggerFactory.getLogger(Manifests.class);

  private static final int MEMORY_BYTES_MAX = 16 << 20;
  private static final int MANIFEST_OVERHEAD_BYTES = 200;
  private static final int TAGS_MAX = 20_000;

  /**
   * How long the check of a tag may take before its stored answer goes out; a HEAD takes a tenth of
   * it.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private record TagKey(Origin origin, Tag tag) {}

  /** What a tag meant at {@code checkedAt}, and for how long that is believed. */
  private record TagState(Digest digest, Instant checkedAt, Duration refresh) {}

  private final Blobs blobs;
  private final Index index;
  private final Inventory inventory;
  private final Links links;
  private final Quarantine quarantine;
  private final Flights flights;
  private final FailureMemory failures;
  private final Disk disk;
  private final InstantSource clock;
  private final Metrics metrics;

  private final Cache<Digest, StoredManifest> memory =
      Caffeine.newBuilder()
          .maximumWeight(MEMORY_BYTES_MAX)
          .weigher((Digest _, StoredManifest manifest) ->
              manifest.content().length + MANIFEST_OVERHEAD_BYTES)
          .executor(Runnable::run)
          .build();
  private final Cache<TagKey, TagState> tags =
      Caffeine.newBuilder().maximumSize(TAGS_MAX).executor(Runnable::run).build();

  Manifests(
      Store store,
      Links links,
      Quarantine quarantine,
      Flights flights,
      FailureMemory failures,
      Disk disk,
      InstantSource clock,
      Metrics metrics) {
    this.blobs = store.blobs();
    this.index = store.index();
    this.inventory = store.inventory();
    this.links = links;
    this.quarantine = quarantine;
    this.flights = flights;
    this.failures = failures;
    this.disk = disk;
    this.clock = clock;
    this.metrics = metrics;
  }

  /** The answer, where memory alone can give it without asking anyone. Does not block. */
  @Nullable ManifestAnswer recall(Upstream upstream, Origin origin, Reference reference) {
    return switch (reference) {
      case Digest digest -> {
        StoredManifest manifest = links.recall(origin, digest) ? memory.getIfPresent(digest) : null;
        yield manifest == null ? null : new ManifestAnswer(manifest, CacheStatus.HIT);
      }
      case Tag tag -> {
        TagState state = tags.getIfPresent(new TagKey(origin, tag));
        StoredManifest manifest = state == null ? null : memory.getIfPresent(state.digest());
        if (state == null || manifest == null) {
          yield null;
        }
        Freshness freshness = freshness(upstream, state);
        yield freshness.isFresh() ? new ManifestAnswer(manifest, freshness.asFresh()) : null;
      }
    };
  }

  /**
   * The answer, from wherever it has to come.
   *
   * @throws UpstreamException where upstream does not give it and nothing stored may stand in
   */
  ManifestAnswer get(Upstream upstream, Origin origin, Reference reference) {
    return switch (reference) {
      case Digest digest -> byDigest(upstream, origin, digest);
      case Tag tag -> byTag(upstream, origin, tag);
    };
  }

  /** Refresh times may have changed; tags are read again from the index, with the new ones. */
  void reconfigured() {
    index.flush();
    tags.invalidateAll();
  }

  /** An image has left the store. */
  void forget(Removed removed) {
    Origin origin = removed.image().origin();
    removed.image().tags().forEach(tag -> tags.invalidate(new TagKey(origin, tag)));
    memory.invalidateAll(removed.unlinked());
  }

  /** The stored manifest was damaged. If memory has it, it is stored again. */
  void rescue(Digest digest) {
    StoredManifest held = memory.getIfPresent(digest);
    if (held == null) {
      return;
    }
    try {
      StoredBlob stored = blobs.put(digest, held.content());
      inventory.adopt(digest, stored.sizeBytes(), clock.instant());
    } catch (IOException e) {
      LOG.warn("the manifest {} is in memory only: {}", digest, e.toString());
    }
  }

  /**
   * Fetches the manifest, unless it is on disk.
   *
   * @throws UpstreamException where upstream does not give it
   * @throws StorageException where the disk does not take it
   */
  void restore(Upstream upstream, Origin origin, Digest digest) {
    if (blobs.find(digest).isPresent()) {
      return;
    }
    // Memory may have it; here it has to be brought.
    ManifestAnswer _ =
        flights.fly(question(origin, digest), () -> fetch(upstream, origin, digest)).value();
    if (blobs.find(digest).isEmpty()) {
      throw new StorageException("the disk does not take " + digest);
    }
  }

  private ManifestAnswer byDigest(Upstream upstream, Origin origin, Digest digest) {
    StoredManifest held = load(origin, digest);
    if (held != null && links.has(origin, digest)) {
      return new ManifestAnswer(held, CacheStatus.HIT);
    }
    return ask(
        upstream,
        origin,
        digest,
        () -> held == null ? fetch(upstream, origin, digest) : earn(upstream, origin, held));
  }

  /** Another repository's manifest: it is served here once upstream shows it here. */
  private ManifestAnswer earn(Upstream upstream, Origin origin, StoredManifest held) {
    RemoteHead head = upstream.headManifest(origin.repository(), held.digest());
    if (!held.digest().equals(head.digest())) {
      return fetch(upstream, origin, held.digest());
    }
    links.add(origin, held.digest());
    return new ManifestAnswer(held, CacheStatus.EARNED);
  }

  private ManifestAnswer byTag(Upstream upstream, Origin origin, Tag tag) {
    TagState state = tagState(upstream, origin, tag);
    StoredManifest held = state == null ? null : load(origin, state.digest());
    if (state == null || held == null) {
      return ask(upstream, origin, tag, () -> fetch(upstream, origin, tag));
    }
    Freshness freshness = freshness(upstream, state);
    if (freshness.isFresh()) {
      return new ManifestAnswer(held, freshness.asFresh());
    }
    if (!freshness.mayBeStale()) {
      return ask(upstream, origin, tag, () -> refresh(upstream, origin, tag, held));
    }
    try {
      Duration patience = upstream.isFailing() ? Duration.ZERO : PATIENCE;
      ManifestAnswer answer =
          askFor(patience, upstream, origin, tag, () -> refresh(upstream, origin, tag, held));
      return answer != null ? answer : new ManifestAnswer(held, freshness.asStale());
    } catch (UpstreamException e) {
      if (e.kind() == UpstreamException.Kind.NOT_FOUND) {
        throw e;
      }
      LOG.atDebug()
          .addKeyValue("origin", origin)
          .addKeyValue("tag", tag)
          .log("stale tag served: {}", e.getMessage());
      return new ManifestAnswer(held, freshness.asStale());
    }
  }

  /**
   * Asks upstream beside the request.
   *
   * @return null where it has not answered within {@code patience}; the question stays asked
   */
  private @Nullable ManifestAnswer askFor(
      Duration patience,
      Upstream upstream,
      Origin origin,
      Reference reference,
      Supplier<ManifestAnswer> call) {
    if (patience.isZero() && flights.isUnderWay(question(origin, reference))) {
      return null;
    }
    CompletableFuture<ManifestAnswer> answer = new CompletableFuture<>();
    Span asking = Span.current();
    Span check =
        (patience.isZero() ? asking.aftermath() : asking)
            .child("check")
            .about(origin.upstream(), origin.repository().name(), reference.toString());
    Runnable asked =
        () -> {
          try {
            check.complete(() -> answer.complete(ask(upstream, origin, reference, call)));
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        };
    Thread _ = Thread.ofVirtual().name("check").start(asked);
    try {
      return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e);
    }
  }

  /**
   * What {@code call} brings, once for all who ask at the same time; or what memory has by now:
   * between a request's own look and its question another's may have been answered.
   */
  private ManifestAnswer ask(
      Upstream upstream, Origin origin, Reference reference, Supplier<ManifestAnswer> call) {
    Question question = question(origin, reference);
    Flights.Landing<ManifestAnswer> landing =
        flights.fly(
            question,
            () -> {
              ManifestAnswer recalled = recall(upstream, origin, reference);
              return recalled != null ? recalled : failures.recalling(question, call);
            });
    ManifestAnswer answer = landing.value();
    return landing.joined() ? new ManifestAnswer(answer.manifest(), CacheStatus.COLLAPSED) : answer;
  }

  private static Question question(Origin origin, Reference reference) {
    return new Question(Kind.MANIFEST, origin, reference.toString());
  }

  private ManifestAnswer refresh(Upstream upstream, Origin origin, Tag tag, StoredManifest held) {
    Digest now = whatTagIs(upstream, origin, tag);
    if (now == null) {
      ManifestAnswer fetched = fetch(upstream, origin, tag);
      boolean same = fetched.manifest().digest().equals(held.digest());
      return same
          ? new ManifestAnswer(fetched.manifest(), CacheStatus.REVALIDATED)
          : changed(fetched);
    }
    StoredManifest known = now.equals(held.digest()) ? held : load(origin, now);
    if (known == null) {
      return changed(fetchMoved(upstream, origin, tag, now));
    }
    if (!links.has(origin, now)) {
      links.add(origin, now);
    }
    remember(upstream, origin, tag, now);
    return new ManifestAnswer(
        known, now.equals(held.digest()) ? CacheStatus.REVALIDATED : CacheStatus.CHANGED);
  }

  /** What a tag has moved to, fetched for it. */
  private static ManifestAnswer changed(ManifestAnswer fetched) {
    boolean isStored = fetched.status().equals(CacheStatus.STORED);
    return isStored ? new ManifestAnswer(fetched.manifest(), CacheStatus.CHANGED) : fetched;
  }

  /** The digest that upstream's answer to a HEAD gives the tag; null where only a GET can tell. */
  private static @Nullable Digest whatTagIs(Upstream upstream, Origin origin, Tag tag) {
    try {
      return upstream.headManifest(origin.repository(), tag).digest();
    } catch (UpstreamException e) {
      return switch (e.kind()) {
        // Some registries refuse a HEAD for what they give on a GET.
        case NOT_FOUND, DENIED, TOO_LARGE, INVALID -> null;
        case RATE_LIMITED, UNAVAILABLE, TIMEOUT -> throw e;
      };
    }
  }

  private ManifestAnswer fetchMoved(Upstream upstream, Origin origin, Tag tag, Digest digest) {
    try {
      ManifestAnswer fetched = fetch(upstream, origin, digest);
      remember(upstream, origin, tag, digest);
      return fetched;
    } catch (UpstreamException e) {
      if (e.kind() != UpstreamException.Kind.NOT_FOUND) {
        throw e;
      }
      return fetch(upstream, origin, tag); // it moved again between the two requests
    }
  }

  private ManifestAnswer fetch(Upstream upstream, Origin origin, Reference reference) {
    RemoteManifest remote;
    try {
      remote = upstream.getManifest(origin.repository(), reference);
    } catch (UpstreamException e) {
      if (e.kind() == UpstreamException.Kind.NOT_FOUND && reference instanceof Tag tag) {
        forget(origin, tag);
      }
      throw e;
    }
    Digest digest = verify(upstream, remote, reference);
    Manifest manifest;
    try {
      manifest = Manifest.parse(remote.content(), remote.contentType());
    } catch (OciException e) {
      throw new UpstreamException(
          UpstreamException.Kind.INVALID, upstream.name() + ": " + e.getMessage(), null, e);
    }
    StoredManifest stored = new StoredManifest(digest, manifest.mediaType(), remote.content());
    CacheStatus status = store(origin, stored, manifest);
    if (reference instanceof Tag tag) {
      remember(upstream, origin, tag, digest);
    }
    return new ManifestAnswer(stored, status);
  }

  /** The digest of what came; refuses bytes that are not what was asked for. */
  private Digest verify(Upstream upstream, RemoteManifest remote, Reference reference) {
    Digest stated = reference instanceof Digest asked ? asked : remote.digest();
    Digest.Algorithm algorithm = stated == null ? Digest.Algorithm.SHA256 : stated.algorithm();
    Digest actual = algorithm.of(remote.content());
    if (stated != null && !stated.equals(actual)) {
      metrics.integrityFailure(upstream.name(), Where.FETCH);
      throw new UpstreamException(
          UpstreamException.Kind.INVALID,
          "%s: sent a manifest that hashes to %s instead of %s"
              .formatted(upstream.name(), actual, stated));
    }
    return actual;
  }

  private CacheStatus store(Origin origin, StoredManifest stored, Manifest manifest) {
    memory.put(stored.digest(), stored);
    links.remember(origin, stored.digest(), stored.content().length);
    return switch (disk.claim(origin.upstream(), stored.content().length)) {
      case Claim.Refused refused -> CacheStatus.notStored(refused.detail());
      case Claim.Granted granted -> {
        try (granted) {
          yield write(origin, stored, manifest);
        }
      }
    };
  }

  private CacheStatus write(Origin origin, StoredManifest stored, Manifest manifest) {
    try {
      var _ = blobs.put(stored.digest(), stored.content());
    } catch (IOException e) {
      disk.failed(e);
      return CacheStatus.notStored(CacheStatus.DISK_FULL);
    }
    disk.stored();
    index.putManifest(origin, stored.digest(), manifest, stored.content().length, clock.instant());
    return CacheStatus.STORED;
  }

  /** The manifest from memory or disk; null where it is neither here nor sound. */
  private @Nullable StoredManifest load(Origin origin, Digest digest) {
    StoredManifest remembered = memory.getIfPresent(digest);
    if (remembered != null) {
      return remembered;
    }
    try {
      byte[] content = blobs.read(digest, Manifest.SIZE_BYTES_MAX).orElse(null);
      if (content == null) {
        return null;
      }
      if (!digest.algorithm().of(content).equals(digest)) {
        quarantine.put(origin, digest, "it does not hash to its digest");
        return null;
      }
      String mediaType =
          index.mediaType(digest).orElseGet(() -> Manifest.parse(content, null).mediaType());
      StoredManifest manifest = new StoredManifest(digest, mediaType, content);
      memory.put(digest, manifest);
      return manifest;
    } catch (IOException | OciException e) {
      LOG.warn("the stored manifest {} cannot be read: {}", digest, e.getMessage());
      return null;
    }
  }

  private @Nullable TagState tagState(Upstream upstream, Origin origin, Tag tag) {
    TagKey key = new TagKey(origin, tag);
    TagState state = tags.getIfPresent(key);
    if (state == null) {
      Index.TagRow row = index.tag(origin, tag).orElse(null);
      if (row == null) {
        return null;
      }
      state =
          new TagState(
              row.digest(), row.checkedAt(), upstream.config().tags().refreshOf(tag.name()));
      TagState newer = tags.asMap().putIfAbsent(key, state);
      state = newer == null ? state : newer;
    }
    return state;
  }

  private void remember(Upstream upstream, Origin origin, Tag tag, Digest digest) {
    Instant now = clock.instant();
    tags.put(
        new TagKey(origin, tag),
        new TagState(digest, now, upstream.config().tags().refreshOf(tag.name())));
    index.putTag(origin, tag, digest, now);
  }

  private void forget(Origin origin, Tag tag) {
    tags.invalidate(new TagKey(origin, tag));
    index.removeTag(origin, tag);
  }

  private Freshness freshness(Upstream upstream, TagState state) {
    return Freshness.of(
        state.checkedAt(),
        clock.instant(),
        state.refresh(),
        upstream.config().tags().staleIfError());
  }
}
