package io.weir.cache;

import io.weir.config.Config.Abandoned;
import io.weir.metrics.Kind;
import io.weir.metrics.Metrics;
import io.weir.metrics.Where;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.store.Blobs;
import io.weir.store.IncomingBlob;
import io.weir.store.Index;
import io.weir.store.StorageException;
import io.weir.store.Store;
import io.weir.store.StoredBlob;
import io.weir.upstream.RemoteBlob;
import io.weir.upstream.RemoteHead;
import io.weir.upstream.Upstream;
import io.weir.upstream.UpstreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs: from the store, from a fetch under way, or from a new one.
 *
 * <p>A digest has at most one fetch, whoever asks from whichever repository. It runs on a virtual
 * thread of its own, goes on with Range where a connection broke, starts from what an earlier
 * attempt left on disk, and ends in the store or in a failure that all its readers see.
 */
final class BlobFetches implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BlobFetches.class);

  /** Attempts in a row that bring no byte before a broken transfer is given up. */
  private static final int FRUITLESS_ATTEMPTS_MAX = 5;

  private static final Duration PAUSE_MIN = Duration.ofMillis(100);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(5);

  private final Function<Origin, Upstream> upstreams;
  private final Blobs blobs;
  private final Index index;
  private final SoundBlobs sound;
  private final Links links;
  private final Flights flights;
  private final FailureMemory failures;
  private final Abandoned abandoned;
  private final InstantSource clock;
  private final Metrics metrics;

  private final ConcurrentMap<Digest, Fetch> underWay = new ConcurrentHashMap<>();
  private volatile boolean closing;

  BlobFetches(
      Function<Origin, Upstream> upstreams,
      Store store,
      SoundBlobs sound,
      Links links,
      Flights flights,
      FailureMemory failures,
      Abandoned abandoned,
      InstantSource clock,
      Metrics metrics) {
    this.upstreams = upstreams;
    this.blobs = store.blobs();
    this.index = store.index();
    this.sound = sound;
    this.links = links;
    this.flights = flights;
    this.failures = failures;
    this.abandoned = abandoned;
    this.clock = clock;
    this.metrics = metrics;
  }

  /**
   * The blob, where it is stored and memory knows that this repository has it. One look at the
   * disk. One of a wrong length is not it.
   */
  @Nullable StoredBlob recall(Origin origin, Digest digest) {
    return sound.recall(origin, digest);
  }

  /**
   * The blob, stored or arriving.
   *
   * @throws UpstreamException where upstream does not give it
   * @throws StorageException where the disk does not take it
   */
  BlobAnswer get(Origin origin, Digest digest) {
    CacheStatus whenStored = CacheStatus.HIT;
    while (true) {
      Fetch earlier = underWay.get(digest);
      StoredBlob stored = earlier == null ? sound.find(origin, digest) : null;
      boolean isOfAnother = stored != null || (earlier != null && !earlier.isFor(origin));
      if (isOfAnother && !links.has(origin, digest)) {
        whenStored = earn(origin, digest);
      }
      if (stored != null) {
        return new BlobAnswer.Stored(stored, whenStored);
      }
      Fetch fetch = earlier != null ? earlier : begin(origin, digest);
      if (!fetch.tryJoin(origin)) {
        fetch.awaitGone();
        continue;
      }
      GrowingBlob growing = fetch.awaitStart();
      if (growing != null) {
        return new BlobAnswer.Growing(
            growing, earlier == null ? CacheStatus.STORED : CacheStatus.COLLAPSED);
      }
    }
  }

  /**
   * Begins a fetch. Where another thread was quicker, it is that one's, and it may be for another
   * repository.
   */
  private Fetch begin(Origin origin, Digest digest) {
    if (closing) {
      throw new UpstreamException(UpstreamException.Kind.UNAVAILABLE, "the cache is shutting down");
    }
    Fetch fetch = new Fetch(digest, origin, abandoned);
    Fetch earlier = underWay.putIfAbsent(digest, fetch);
    if (earlier != null) {
      return earlier;
    }
    if (sound.find(origin, digest) != null) {
      // A whole fetch went by since the caller looked.
      underWay.remove(digest, fetch);
      fetch.ended(null);
    } else {
      Thread _ = Thread.ofVirtual().name("fetch").start(() -> run(fetch));
    }
    return fetch;
  }

  /**
   * The blob's length.
   *
   * @throws UpstreamException where upstream does not say
   */
  BlobHead head(Origin origin, Digest digest) {
    StoredBlob stored = sound.find(origin, digest);
    if (stored != null) {
      return new BlobHead(
          stored.sizeBytes(), links.has(origin, digest) ? CacheStatus.HIT : earn(origin, digest));
    }
    RemoteHead head = askHead(origin, digest);
    return new BlobHead(head.sizeBytes(), CacheStatus.ASKED);
  }

  /**
   * Fetches the blob, unless it is here, and returns when it is stored. May be interrupted.
   *
   * @throws UpstreamException where upstream does not give it
   * @throws StorageException where it is not stored afterwards
   */
  void restore(Origin origin, Digest digest) {
    while (sound.find(origin, digest) == null) {
      Fetch fetch = begin(origin, digest);
      if (!fetch.tryJoin(origin)) {
        fetch.awaitGone();
        continue;
      }
      fetch.awaitEnd();
      if (blobs.find(digest).isEmpty()) {
        throw new StorageException("the disk does not take " + digest);
      }
    }
  }

  /** Content of another repository: it is served here once upstream shows it here. */
  private CacheStatus earn(Origin origin, Digest digest) {
    RemoteHead _ = askHead(origin, digest);
    return CacheStatus.EARNED;
  }

  private RemoteHead askHead(Origin origin, Digest digest) {
    Question question = new Question(Kind.BLOB, origin, digest.toString());
    return flights
        .fly(
            question,
            () ->
                failures.recalling(
                    question, () -> showsBlob(upstreams.apply(origin), origin, digest)))
        .value();
  }

  private RemoteHead showsBlob(Upstream upstream, Origin origin, Digest digest) {
    RemoteHead head = upstream.headBlob(origin.repository(), digest);
    if (head.sizeBytes() < 0) {
      // HEAD refused, or without a length: the beginning of a GET says the same.
      try (RemoteBlob body = upstream.openBlob(origin.repository(), digest, 0)) {
        head = new RemoteHead(digest, body.sizeBytes(), head.contentType());
      }
    }
    links.add(origin, digest);
    return head;
  }

  // The fetch's own thread.

  private void run(Fetch fetch) {
    RuntimeException failure = null;
    try {
      receive(fetch);
    } catch (IOException e) {
      LOG.warn("{} cannot be stored: {}", fetch.digest(), e.toString());
      failure = new StorageException("the cache cannot store " + fetch.digest(), e);
    } catch (RuntimeException e) {
      LOG.atInfo().addKeyValue("digest", fetch.digest()).log("fetch failed: {}", e.getMessage());
      failure = e;
    } finally {
      underWay.remove(fetch.digest(), fetch);
      fetch.ended(failure);
    }
  }

  private void receive(Fetch fetch) throws IOException {
    try (IncomingBlob incoming = blobs.receive(fetch.digest())) {
      Origin origin = fill(fetch, incoming);
      if (!incoming.isComplete()) {
        incoming.discard();
        metrics.integrityFailure(origin.upstream(), Where.FETCH);
        throw new UpstreamException(
            UpstreamException.Kind.INVALID,
            "%s: sent bytes that do not hash to %s".formatted(origin.upstream(), fetch.digest()));
      }
      fetch.verified(incoming);
      StoredBlob stored = incoming.commit();
      links.remember(origin, stored.digest(), stored.sizeBytes());
      index.putBlob(origin, stored.digest(), stored.sizeBytes(), clock.instant());
    }
  }

  /** Asks one origin after another until the blob is here; gives the one that completed it. */
  private Origin fill(Fetch fetch, IncomingBlob incoming) throws IOException {
    Set<Origin> tried = new HashSet<>();
    while (true) {
      Origin origin = fetch.nextOrigin(tried);
      try {
        if (incoming.writtenBytes() > 0 && incoming.isComplete()) {
          RemoteHead _ =
              fetch.asking(() -> showsBlob(upstreams.apply(origin), origin, fetch.digest()));
        } else {
          transfer(fetch, incoming, origin);
        }
        return origin;
      } catch (UpstreamException e) {
        tried.add(origin);
        if (fetch.isStopped() || !fetch.hasOriginBeside(tried)) {
          throw e;
        }
      }
    }
  }

  /** Brings what is missing, in as many attempts as it takes while they bring something. */
  private void transfer(Fetch fetch, IncomingBlob incoming, Origin origin) throws IOException {
    int fruitless = 0;
    boolean begun = false;
    while (true) {
      long before = incoming.writtenBytes();
      Upstream upstream = upstreams.apply(origin);
      try (RemoteBlob body =
          fetch.asking(() -> upstream.openBlob(origin.repository(), fetch.digest(), before))) {
        fetch.started(incoming, body.sizeBytes());
        begun = true;
        copy(fetch, incoming, body, upstream);
        return;
      } catch (UpstreamException e) {
        if (!begun && before > 0 && e.kind() == UpstreamException.Kind.INVALID) {
          incoming.discard(); // upstream cannot go on where an earlier attempt stopped
          continue;
        }
        fruitless = incoming.writtenBytes() > before ? 0 : fruitless + 1;
        if (!begun || fetch.isStopped() || fruitless == FRUITLESS_ATTEMPTS_MAX || !mayHeal(e)) {
          throw e;
        }
        LOG.atInfo()
            .addKeyValue("digest", fetch.digest())
            .addKeyValue("from", incoming.writtenBytes())
            .log("fetch goes on after: {}", e.getMessage());
        fetch.pause(pause(fruitless, e));
      }
    }
  }

  private static void copy(Fetch fetch, IncomingBlob incoming, RemoteBlob body, Upstream upstream)
      throws IOException {
    long ahead = incoming.writtenBytes() - body.offset();
    if (ahead < 0) {
      throw new UpstreamException(
          UpstreamException.Kind.INVALID,
          upstream.name() + ": sent another range than was asked for");
    }
    for (ByteBuffer bytes = next(fetch, body); bytes != null; bytes = next(fetch, body)) {
      int known = (int) Math.min(ahead, bytes.remaining());
      ahead -= known;
      bytes.position(bytes.position() + known);
      incoming.write(bytes);
      fetch.advanced(incoming.writtenBytes());
    }
  }

  private static @Nullable ByteBuffer next(Fetch fetch, RemoteBlob body) {
    return fetch.<@Nullable ByteBuffer>asking(body::next);
  }

  private static boolean mayHeal(UpstreamException e) {
    return switch (e.kind()) {
      case UNAVAILABLE, TIMEOUT, RATE_LIMITED -> true;
      case NOT_FOUND, DENIED, TOO_LARGE, INVALID -> false;
    };
  }

  private static Duration pause(int fruitless, UpstreamException e) {
    Duration pause = e.retryAfter().orElse(PAUSE_MIN.multipliedBy(1L << fruitless));
    return pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX;
  }

  /** Stops all fetches; what came is kept on disk. */
  @Override
  public void close() {
    closing = true;
    underWay.values().forEach(Fetch::interrupt);
    for (Fetch fetch : underWay.values()) {
      fetch.awaitGone();
    }
  }
}
