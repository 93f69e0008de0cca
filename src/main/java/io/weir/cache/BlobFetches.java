package io.weir.cache;

import io.weir.cache.Download.Source;
import io.weir.config.Config.Abandoned;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.store.Blobs;
import io.weir.store.StorageException;
import io.weir.store.StoredBlob;
import io.weir.upstream.RemoteHead;
import io.weir.upstream.Upstream;
import io.weir.upstream.UpstreamException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs: from the store, from a fetch under way, or from a new one; and past the store, where the
 * disk takes nothing.
 *
 * <p>A digest has at most one fetch, whoever asks from whichever repository. It runs on a virtual
 * thread of its own, and ends in the store, in a failure that all its readers see, or, where the
 * disk is full, with each reader going on alone.
 */
final class BlobFetches implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BlobFetches.class);

  private final Function<Origin, Upstream> upstreams;
  private final Blobs blobs;
  private final SoundBlobs sound;
  private final Rereads rereads;
  private final Links links;
  private final BlobHeads heads;
  private final Filler filler;
  private final Abandoned abandoned;
  private final Disk disk;
  private final Integrity integrity;

  private final ConcurrentMap<Digest, Fetch> underWay = new ConcurrentHashMap<>();
  private volatile boolean verifiesOnRead;
  private volatile boolean closing;

  BlobFetches(
      Function<Origin, Upstream> upstreams,
      Blobs blobs,
      SoundBlobs sound,
      Rereads rereads,
      Links links,
      BlobHeads heads,
      Filler filler,
      Abandoned abandoned,
      Disk disk,
      Integrity integrity) {
    this.upstreams = upstreams;
    this.blobs = blobs;
    this.sound = sound;
    this.rereads = rereads;
    this.links = links;
    this.heads = heads;
    this.filler = filler;
    this.abandoned = abandoned;
    this.disk = disk;
    this.integrity = integrity;
  }

  /** Whether stored blobs are hashed while they are served, from now on. */
  void verifyOnRead(boolean verifies) {
    verifiesOnRead = verifies;
  }

  /**
   * The blob, where it is stored and memory knows that this repository has it. One look at the
   * disk. One of a wrong length is not it, nor is any that has to be verified first.
   */
  @Nullable StoredBlob recall(Origin origin, Digest digest) {
    return verifiesOnRead ? null : sound.recall(origin, digest);
  }

  /**
   * The blob, stored or arriving; or word that it can only pass through.
   *
   * @throws UpstreamException where upstream does not give it
   * @throws StorageException where the disk does not give back what it took
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
        BlobAnswer answer = serve(origin, stored, whenStored);
        if (answer != null) {
          return answer;
        }
        continue;
      }
      if (earlier == null && disk.isFull()) {
        return new BlobAnswer.Passing(CacheStatus.notStored(CacheStatus.DISK_FULL));
      }
      Fetch fetch = earlier != null ? earlier : begin(origin, digest);
      if (!fetch.tryJoin(origin)) {
        fetch.awaitGone();
        continue;
      }
      GrowingBlob growing = awaitStart(fetch);
      if (growing != null) {
        return new BlobAnswer.Growing(
            growing, earlier == null ? CacheStatus.STORED : CacheStatus.COLLAPSED);
      }
      String refusal = fetch.refusal();
      if (refusal != null) {
        return new BlobAnswer.Passing(CacheStatus.notStored(refusal));
      }
    }
  }

  private static @Nullable GrowingBlob awaitStart(Fetch fetch) {
    try {
      return fetch.awaitStart();
    } finally {
      fetch.linkSpan(); // by now it has one
    }
  }

  /** The answer that a stored blob is; null where its file has gone. */
  private @Nullable BlobAnswer serve(Origin origin, StoredBlob stored, CacheStatus status) {
    if (!verifiesOnRead) {
      return new BlobAnswer.Stored(stored, status);
    }
    GrowingBlob growing = rereads.read(origin, stored);
    return growing == null ? null : new BlobAnswer.Growing(growing, status);
  }

  /**
   * Begins a fetch. Where another thread was quicker, it is that one's, and it may be for another
   * repository.
   */
  private Fetch begin(Origin origin, Digest digest) {
    refuseIfClosing();
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
      fetch.beginSpan(origin);
      Thread _ = Thread.ofVirtual().name("fetch").start(() -> fetch.span().run(() -> run(fetch)));
    }
    return fetch;
  }

  private void refuseIfClosing() {
    if (closing) {
      throw new UpstreamException(UpstreamException.Kind.UNAVAILABLE, "the cache is shutting down");
    }
  }

  /**
   * The blob from upstream, past the store; upstream has begun to answer.
   *
   * @param fromByte where to begin; beyond 0 nothing is hashed
   * @param needsLength whether its length has to be found out, whatever it takes
   * @throws UpstreamException where upstream does not give it
   */
  Passage pass(Origin origin, Digest digest, long fromByte, boolean needsLength) {
    refuseIfClosing();
    Passage passage = open(origin, digest, fromByte, -1);
    if (needsLength && passage.sizeBytes() < 0) {
      passage.close();
      passage = open(origin, digest, fromByte, readToEnd(open(origin, digest, 0, -1)));
    } else if (fromByte == 0 && passage.sizeBytes() == 0) {
      long _ = readToEnd(passage); // it would be complete, right or wrong, with the answer's head
    }
    return passage;
  }

  private Passage open(Origin origin, Digest digest, long fromByte, long sizeBytes) {
    Download download =
        new Download(
            Source.of(upstreams, origin, digest),
            origin,
            digest,
            new Errand(),
            fromByte,
            sizeBytes);
    download.begin();
    return new Passage(
        digest, download, integrity, fromByte, fromByte == 0 ? HeldTail.ofWhole(digest) : null);
  }

  /** Reads and verifies all that is left; gives the offset of the end. */
  private static long readToEnd(Passage passage) {
    try (passage) {
      while (passage.next() != null) {
        // each piece is forgotten
      }
      return passage.position();
    }
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
    RemoteHead head = heads.ask(origin, digest);
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
      try {
        fetch.awaitEnd();
      } finally {
        fetch.linkSpan();
      }
      if (blobs.find(digest).isEmpty()) {
        throw new StorageException("the disk does not take " + digest);
      }
    }
  }

  /**
   * Fetches the blob, unless it is here or on its way, or nothing can be stored, and returns when
   * that has ended, well or not. Nobody reads it: it is no client that could leave it.
   *
   * @throws UpstreamException where the cache is closing
   */
  void ahead(Origin origin, Digest digest) {
    if (disk.isFull() || underWay.containsKey(digest) || sound.find(origin, digest) != null) {
      return;
    }
    begin(origin, digest).awaitGone();
  }

  /**
   * Fetches a blob, unless it is here, and earns it where another repository has brought it.
   *
   * @throws UpstreamException where upstream does not give it, or the delivery is stopped
   * @throws StorageException where it is not stored afterwards
   */
  void bring(Delivery delivery) {
    Origin origin = delivery.origin();
    Digest digest = delivery.digest();
    // While a fetch is under way its file may be there, and not yet that this repository has it.
    while (underWay.containsKey(digest) || sound.find(origin, digest) == null) {
      delivery.refuseIfStopped();
      if (disk.isFull()) {
        throw new StorageException("nothing can be stored: " + CacheStatus.DISK_FULL);
      }
      Fetch fetch = begin(origin, digest);
      delivery.comesBy(fetch);
      fetch.awaitGone();
      fetch.linkSpan();
      if (blobs.find(digest).isEmpty() && !fetch.errand().isStopped()) {
        judge(fetch, origin);
      }
    }
    delivery.refuseIfStopped();
    BlobHead _ = head(origin, digest);
  }

  /** Throws why a fetch has not stored its blob, unless it was another repository's trouble. */
  private static void judge(Fetch fetch, Origin origin) {
    RuntimeException failure = fetch.failure();
    if (failure == null) {
      String refusal = fetch.refusal();
      throw new StorageException(
          "the disk does not take %s%s"
              .formatted(fetch.digest(), refusal == null ? "" : ": " + refusal));
    }
    if (fetch.isFor(origin)) {
      throw failure;
    }
  }

  /** Content of another repository: it is served here once upstream shows it here. */
  private CacheStatus earn(Origin origin, Digest digest) {
    RemoteHead _ = heads.ask(origin, digest);
    return CacheStatus.EARNED;
  }

  /** The fetch's own thread. */
  private void run(Fetch fetch) {
    RuntimeException failure = null;
    try {
      filler.fill(fetch);
    } catch (RuntimeException e) {
      LOG.atInfo().addKeyValue("digest", fetch.digest()).log("fetch failed: {}", e.getMessage());
      failure = e;
    } finally {
      underWay.remove(fetch.digest(), fetch);
      fetch.ended(failure);
    }
  }

  /**
   * What is on its way, the longest first.
   *
   * @param now what time it is
   */
  List<FetchStatus> underWay(Instant now) {
    return underWay.values().stream()
        .map(fetch -> fetch.status(now))
        .sorted(Comparator.comparing(FetchStatus::started))
        .toList();
  }

  /** Stops all fetches; what came is kept on disk. */
  @Override
  public void close() {
    closing = true;
    rereads.close();
    underWay.values().forEach(fetch -> fetch.errand().interrupt());
    for (Fetch fetch : underWay.values()) {
      fetch.awaitGone();
    }
  }
}
