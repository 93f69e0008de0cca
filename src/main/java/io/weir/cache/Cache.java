package io.weir.cache;

import io.weir.config.Config;
import io.weir.metrics.Metrics;
import io.weir.oci.Digest;
import io.weir.oci.ErrorCode;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.oci.Reference;
import io.weir.retention.Space;
import io.weir.store.Index;
import io.weir.store.Removed;
import io.weir.store.Store;
import io.weir.store.StoredBlob;
import io.weir.tracing.Span;
import io.weir.upstream.Upstream;
import io.weir.upstream.Upstreams;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The cache as the registry API sees it. Thread-safe.
 *
 * <p>Where a method throws an {@link io.weir.upstream.UpstreamException}, upstream did not give the
 * answer and nothing stored may stand in for it.
 */
public final class Cache implements AutoCloseable {

  private final Upstreams upstreams;
  private final Index index;
  private final InstantSource clock;
  private final FailureMemory failures;
  private final Links links;
  private final Manifests manifests;
  private final BlobFetches blobs;
  private final Documents documents;
  private final Prefetch prefetch;

  /**
   * Builds the cache over an open store; the store and the upstreams stay the caller's to close.
   *
   * @param space where there is room in the store
   */
  public Cache(
      Config.Cache config,
      Store store,
      Space space,
      Upstreams upstreams,
      InstantSource clock,
      Metrics metrics) {
    this.upstreams = upstreams;
    this.index = store.index();
    this.clock = clock;
    this.links = new Links(store.index());
    Flights flights = new Flights();
    this.failures = new FailureMemory(clock);
    Quarantine quarantine = new Quarantine(store, metrics);
    SoundBlobs sound = new SoundBlobs(store.blobs(), links, quarantine);
    Disk disk = new Disk(space);
    Integrity integrity = new Integrity(metrics);
    BlobHeads heads = new BlobHeads(this::upstream, links, flights, failures);
    Filler filler =
        new Filler(
            this::upstream,
            store,
            links,
            heads,
            clock,
            disk,
            integrity,
            config.connectionsPerBlob());
    this.manifests =
        new Manifests(store, links, quarantine, flights, failures, disk, clock, metrics);
    store.onQuarantine(manifests::rescue);
    this.blobs =
        new BlobFetches(
            this::upstream,
            store.blobs(),
            sound,
            new Rereads(quarantine),
            links,
            heads,
            filler,
            config.abandoned(),
            disk,
            integrity);
    this.documents = new Documents(store, flights, failures, clock);
    this.prefetch = new Prefetch(config.prefetch(), this::upstream, blobs, clock);
  }

  /** The manifest, where memory alone can answer; never blocks. */
  public @Nullable ManifestAnswer recallManifest(Origin origin, Reference reference) {
    return manifests.recall(upstream(origin), origin, reference);
  }

  /** The blob, where it is stored and known in this repository; one look at the disk. */
  public @Nullable StoredBlob recallBlob(Origin origin, Digest digest) {
    return blobs.recall(origin, digest);
  }

  /** The manifest, from wherever it has to come. Blocks. */
  public ManifestAnswer manifest(Origin origin, Reference reference) {
    return manifests.get(upstream(origin), origin, reference);
  }

  /**
   * The blob, stored or arriving; or word that it can only pass through. Blocks until its length is
   * known, or upstream has begun to answer.
   */
  public BlobAnswer blob(Origin origin, Digest digest) {
    return blobs.get(origin, digest);
  }

  /**
   * The blob from upstream, past the store: for a client that was answered {@link
   * BlobAnswer.Passing}, and for it alone. Blocks until upstream has begun to answer.
   *
   * @param fromByte the first byte that the client wants; beyond 0 nothing is hashed, see {@link
   *     Passage}
   * @param needsLength whether the client must be told the blob's length: where upstream does not
   *     say it, the blob is then read once more before, to its end
   */
  public Passage passage(Origin origin, Digest digest, long fromByte, boolean needsLength) {
    return blobs.pass(origin, digest, fromByte, needsLength);
  }

  /** The blob's length. Blocks; fetches nothing. */
  public BlobHead blobHead(Origin origin, Digest digest) {
    return blobs.head(origin, digest);
  }

  /** The repository's tags. Blocks. */
  public TagList tags(Origin origin) {
    return documents.tags(upstream(origin), origin);
  }

  /** What refers to {@code digest}. Blocks. */
  public Referrers referrers(Origin origin, Digest digest) {
    return documents.referrers(upstream(origin), origin, digest);
  }

  /**
   * Repositories of which something is stored, by upstream and name. Blocks.
   *
   * @param upstream only those of this upstream; null for all
   */
  public List<Origin> repositories(@Nullable String upstream) {
    return index.repositories(upstream);
  }

  /** A client was given {@code digest} from {@code origin}. Never blocks. */
  public void pulled(Origin origin, Digest digest) {
    index.pulled(origin, digest);
  }

  /**
   * A client was given the manifest itself, and so will ask for the blobs that it lists: they are
   * fetched ahead, as far as the configuration allows. Never blocks.
   *
   * @param cause the span of that client's request
   */
  public void willPull(Origin origin, StoredManifest manifest, Span cause) {
    prefetch.expect(origin, manifest, cause);
  }

  /** An upstream answers: what it could not give a moment ago may be asked again. Never blocks. */
  public void forgetFailures(String upstream) {
    failures.forget(upstream);
  }

  /** An image has left the store. Never blocks. */
  public void forget(Removed removed) {
    removed.unlinked().forEach(digest -> links.forget(removed.image().origin(), digest));
    manifests.forget(removed);
  }

  /**
   * Brings back content that was damaged: fetches it from {@code origin}, and returns when it is
   * stored. Blocks; may be interrupted.
   *
   * @param isManifest whether it is a manifest
   * @throws io.weir.store.StorageException where the disk does not take it
   */
  public void restore(Origin origin, Digest digest, boolean isManifest) {
    if (isManifest) {
      manifests.restore(upstream(origin), origin, digest);
    } else {
      blobs.restore(origin, digest);
    }
  }

  /** The blobs on their way from upstream to the store, the longest first. */
  public List<FetchStatus> fetches() {
    return blobs.underWay(clock.instant());
  }

  /**
   * A blob to be brought into the store ahead of need. Nothing is done yet: see {@link
   * Delivery#await}.
   */
  public Delivery delivery(Origin origin, Digest digest) {
    return new Delivery(blobs, origin, digest);
  }

  private Upstream upstream(Origin origin) {
    return upstreams
        .find(origin.upstream())
        .orElseThrow(() ->
            new OciException(
                ErrorCode.NAME_UNKNOWN, "no upstream of that name is configured any more"));
  }

  /** Whether stored blobs are hashed while they are served, from now on; at first they are not. */
  public void verifyOnRead(boolean verifies) {
    blobs.verifyOnRead(verifies);
  }

  /** The configuration of upstreams has changed: what was made of the old one is forgotten. */
  public void reconfigured() {
    manifests.reconfigured();
  }

  /** Stops all fetches; what came is kept and gone on with after the next start. */
  @Override
  public void close() {
    blobs.close();
  }
}
