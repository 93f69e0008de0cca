package io.weir.cache;

import io.weir.cache.Download.Source;
import io.weir.oci.Origin;
import io.weir.store.Blobs;
import io.weir.upstream.Upstream;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one blob that come ahead of its fetch, each over a connection of its own.
 *
 * <p>There are two reasons for a part. A client has asked for a range that is far from what has
 * come: then that is fetched first. Or one connection is slower than the upstream: then the next
 * parts come over others at the same time, as many as {@link Upstream#trySpareLane} finds worth it.
 * Either way the fetch, which goes on in the blob's order, takes the bytes from there instead of
 * asking for them again.
 *
 * <p>Thread-safe; the lock is not held over input or output.
 */
final class Parts {

  /** Who asks for what is at most so far ahead waits for it. */
  static final long NEAR_BYTES = 4 << 20;

  /** A part this short is not worth dropping a connection for: its bytes are fetched again. */
  private static final long SHORT_BYTES = 1 << 20;

  /** Ranges of one blob that come first, at the same time. */
  private static final int ASKED_MAX = 32;

  /** A blob is brought in about so many parts where they come at the same time. */
  private static final int PARTS_WISHED = 64;

  private static final long WIDE_BYTES_MIN = 4 << 20;
  private static final long WIDE_BYTES_MAX = 16 << 20;

  private final Fetch fetch;
  private final Function<Origin, Upstream> upstreams;
  private final Blobs blobs;
  private final Disk disk;
  private final Integrity integrity;
  private final int connectionsMax;

  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock:
  private final NavigableMap<Long, Part> byFirstByte = new TreeMap<>();
  private @Nullable Origin origin;
  private long sizeBytes = -1;
  private int filling;
  private boolean isClosed;

  /**
   * No parts yet.
   *
   * @param connectionsMax over how many connections the blob may come at most
   */
  Parts(
      Fetch fetch,
      Function<Origin, Upstream> upstreams,
      Blobs blobs,
      Disk disk,
      Integrity integrity,
      int connectionsMax) {
    this.fetch = fetch;
    this.upstreams = upstreams;
    this.blobs = blobs;
    this.disk = disk;
    this.integrity = integrity;
    this.connectionsMax = connectionsMax;
  }

  /**
   * From now on parts come from {@code origin}; those from another are dropped.
   *
   * @param sizeBytes the blob's length, or −1 where it is not known: then there are no parts
   */
  void comeFrom(Origin origin, long sizeBytes) {
    lock.lock();
    try {
      this.origin = origin;
      this.sizeBytes = sizeBytes;
      byFirstByte.values().forEach(Part::drop);
      byFirstByte.clear();
    } finally {
      lock.unlock();
    }
  }

  // The clients' side.

  /**
   * A view of a range that is far ahead of what has come. Blocks until upstream has begun to
   * answer.
   *
   * @param reader the client's view of the whole, which is closed with the other
   * @return null where the range is near, or is not to be had on its own
   * @see GrowingBlob#ahead
   */
  @Nullable GrowingBlob read(GrowingBlob reader, long from, long to, boolean isToEnd) {
    Part part = reader.progress().visibleTo() + NEAR_BYTES < from ? part(from, to, isToEnd) : null;
    if (part == null) {
      return null;
    }
    GrowingBlob ahead = part.read(reader::close);
    if (ahead == null) {
      failed(part);
    }
    return ahead;
  }

  private @Nullable Part part(long from, long to, boolean isToEnd) {
    lock.lock();
    try {
      Map.Entry<Long, Part> before = byFirstByte.floorEntry(from);
      if (before != null && before.getValue().serves(from, to, isToEnd)) {
        return before.getValue();
      }
      Origin origin = this.origin;
      if (isClosed || origin == null || sizeBytes < 0 || byFirstByte.size() >= ASKED_MAX) {
        return null;
      }
      Part part = new Part(fetch.digest(), origin, from, to, isToEnd ? fetch : null);
      begin(part, origin, upstreams.apply(origin), null);
      return part;
    } finally {
      lock.unlock();
    }
  }

  private void begin(Part part, Origin origin, Upstream upstream, Upstream.@Nullable Lane spare) {
    Part shorter = byFirstByte.put(part.from(), part);
    if (shorter != null) {
      shorter.drop();
    }
    filling++;
    long sizeBytes = this.sizeBytes;
    Thread _ =
        Thread.ofVirtual()
            .name("part")
            .start(() ->
                fetch
                    .span()
                    .run(() ->
                        part.fill(
                            upstream,
                            spare,
                            blobs,
                            disk,
                            sizeBytes,
                            at -> rest(origin, at, sizeBytes),
                            this::filled)));
  }

  private Passage rest(Origin origin, long position, long sizeBytes) {
    Download download =
        new Download(
            Source.of(upstreams, origin, fetch.digest()),
            origin,
            fetch.digest(),
            new Errand(),
            position,
            sizeBytes);
    return new Passage(fetch.digest(), download, integrity, position, null);
  }

  private void filled() {
    lock.lock();
    try {
      filling--;
    } finally {
      lock.unlock();
    }
  }

  // The fetch's side.

  /** The part that has the byte at {@code position}; null where the fetch has to ask for it. */
  @Nullable Part bringing(long position) {
    lock.lock();
    try {
      while (!byFirstByte.isEmpty() && byFirstByte.firstEntry().getValue().to() <= position) {
        byFirstByte.pollFirstEntry().getValue().drop();
      }
      Map.Entry<Long, Part> before = byFirstByte.floorEntry(position);
      Part part = before == null ? null : before.getValue();
      return part != null && part.sizeBytes() >= SHORT_BYTES && part.brings(position) ? part : null;
    } finally {
      lock.unlock();
    }
  }

  /** Where the first part begins that is behind {@code position}, or −1. */
  long nextBehind(long position) {
    lock.lock();
    try {
      Long next = byFirstByte.higherKey(position);
      return next == null ? -1 : next;
    } finally {
      lock.unlock();
    }
  }

  /** The part does not come. */
  void failed(Part part) {
    lock.lock();
    try {
      byFirstByte.remove(part.from(), part);
    } finally {
      lock.unlock();
    }
    part.drop();
  }

  /**
   * Begins to fetch what comes next over more connections, where that is worth it. Cheap where it
   * is not.
   *
   * @param position where the fetch is
   * @param ownTo to where its own connection brings the bytes; −1 where that is the end, or not
   *     known
   */
  void widen(long position, long ownTo) {
    lock.lock();
    try {
      Origin origin = this.origin;
      if (origin == null || sizeBytes < 0 || isClosed) {
        return;
      }
      long length = Math.clamp(sizeBytes / PARTS_WISHED, WIDE_BYTES_MIN, WIDE_BYTES_MAX);
      long from = firstFree(position);
      if (from == position) {
        // Up to there the fetch's own connection brings it, and is then let go.
        from = firstFree(ownTo < 0 ? position + length : ownTo);
      }
      long reach = position + 2 * length * connectionsMax;
      while (filling < connectionsMax - 1 && from < reach && sizeBytes - from >= length / 2) {
        Upstream upstream = upstreams.apply(origin);
        Upstream.Lane lane = upstream.trySpareLane(sizeBytes - position);
        if (lane == null) {
          return;
        }
        long to = endOfPart(from, length);
        begin(new Part(fetch.digest(), origin, from, to, null), origin, upstream, lane);
        from = firstFree(to);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The first byte from {@code position} on that no part brings. */
  private long firstFree(long position) {
    long free = position;
    Map.Entry<Long, Part> before = byFirstByte.floorEntry(free);
    while (before != null && before.getValue().to() > free) {
      free = before.getValue().to();
      before = byFirstByte.floorEntry(free);
    }
    return free;
  }

  private long endOfPart(long from, long length) {
    Long next = byFirstByte.higherKey(from);
    long limit = next == null ? sizeBytes : next;
    return limit - from < length + length / 2 ? limit : from + length;
  }

  /**
   * The fetch has ended. Parts that clients read are filled to their end, where the fetch has not
   * been stopped.
   */
  void close() {
    lock.lock();
    try {
      isClosed = true;
      boolean isStopped = fetch.errand().isStopped();
      byFirstByte.values().forEach(isStopped ? Part::stop : Part::drop);
      byFirstByte.clear();
    } finally {
      lock.unlock();
    }
  }
}
