package io.weir.cache;

import io.weir.cache.GrowingBlob.Progress;
import io.weir.cache.GrowingBlob.Stage;
import io.weir.config.Config.Abandoned;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.store.SharedFile;
import io.weir.tracing.Span;
import io.weir.upstream.UpstreamException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One blob on its way from upstream to disk, and all who read it meanwhile.
 *
 * <p>The fetch belongs to no client. One virtual thread, {@link BlobFetches#run}, fills the file
 * and publishes how far it is; readers wait for that and read the file, each at its own pace.
 * {@link Rereads} uses the same for a file that is whole, of which only the hash is on its way.
 * States:
 *
 * <pre>
 * STARTING ──started──► RECEIVING ──verified──► WHOLE
 *     ├────────────┬────────┤
 *     │           ended ────│───► FAILED
 *     └────────spilled──────┴───► SPILLED
 * </pre>
 *
 * In RECEIVING all bytes but the last {@link HeldTail#BYTES} are visible; in WHOLE all are. WHOLE
 * means that the digest is right, not yet that the file is durable: clients need not wait for the
 * disk, and do not notice if it never becomes so.
 *
 * <p>SPILLED means that the disk takes no more. What was visible stays readable, and each reader
 * goes on from there with a {@link Passage} of its own, which brings the held-back bytes too.
 * Whoever has not begun to read gets the whole blob by a passage, as if there had been no fetch.
 *
 * <p>Thread-safe; one lock guards all fields and is never held over input or output or over a
 * reader's callback. The errand's lock is taken under it.
 */
final class Fetch {

  private enum State {
    STARTING,
    RECEIVING,
    WHOLE,
    SPILLED,
    FAILED
  }

  /** A reader that has read all before {@code seenTo} and waits for more. */
  private record Waiter(long seenTo, Runnable wake) {
    boolean isDue(Progress now) {
      return now.visibleTo() > seenTo || now.stage() != Stage.ARRIVING;
    }
  }

  private final Digest digest;
  private final Abandoned abandoned;
  private final Errand errand = new Errand();

  private final long firstByte;
  private final int heldBytes;
  private final long beganNanos = System.nanoTime();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All guarded by lock.
  private final Set<Origin> origins = new LinkedHashSet<>();
  private State state = State.STARTING;
  private long sizeBytes = -1;
  private long writtenBytes;
  private @Nullable SharedFile file;
  private @Nullable RuntimeException failure;
  private @Nullable String refusal;
  private @Nullable Supplier<Passage> rest;
  private @Nullable Parts parts;
  private int readers;
  private boolean gone;
  private final List<Waiter> waiting = new ArrayList<>();

  // Set before the filling thread starts; both are none where the fetch is not traced.
  private volatile Span asker = Span.NONE;
  private volatile Span span = Span.NONE;

  Fetch(Digest digest, Origin origin, Abandoned abandoned) {
    this(digest, origin, abandoned, 0, HeldTail.BYTES);
  }

  /**
   * A fetch of a part of a blob.
   *
   * @param firstByte where in the blob it begins
   * @param heldBytes how much of what has come is held back
   */
  Fetch(Digest digest, Origin origin, Abandoned abandoned, long firstByte, int heldBytes) {
    this.digest = digest;
    this.abandoned = abandoned;
    this.firstByte = firstByte;
    this.heldBytes = heldBytes;
    this.origins.add(origin);
  }

  Digest digest() {
    return digest;
  }

  /** What the filling thread asks of upstreams. */
  Errand errand() {
    return errand;
  }

  /**
   * How far it is.
   *
   * @param now what time it is
   */
  FetchStatus status(Instant now) {
    lock.lock();
    try {
      return new FetchStatus(
          origins.iterator().next(),
          digest,
          sizeBytes,
          writtenBytes,
          readers,
          now.minusNanos(System.nanoTime() - beganNanos));
    } finally {
      lock.unlock();
    }
  }

  // For traces.

  /** Begins a span for it, below that of the calling thread. It ends with the fetch. */
  void beginSpan(Origin origin) {
    asker = Span.current();
    span =
        asker
            .child("fetch")
            .about(origin.upstream(), origin.repository().name(), digest.toString());
  }

  Span span() {
    return span;
  }

  /** Links the span of the calling thread to this fetch, unless that has begun it. */
  void linkSpan() {
    Span joining = Span.current();
    if (!joining.equals(asker)) {
      joining.link(span);
    }
  }

  // The readers' side.

  /** Whether {@code origin} is one of those this fetch may ask. */
  boolean isFor(Origin origin) {
    lock.lock();
    try {
      return origins.contains(origin);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Joins as a reader, and gives the fetch another place to ask.
   *
   * @return false where the fetch has ended without storing the blob, or is being stopped; the
   *     caller begins another
   */
  boolean tryJoin(Origin origin) {
    lock.lock();
    try {
      if (errand.isStopped() || state == State.SPILLED || state == State.FAILED) {
        return false;
      }
      origins.add(origin);
      readers++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until upstream has begun to answer, for a reader that has joined.
   *
   * @return null where there is nothing to be read here, and the reader has left: the blob has
   *     meanwhile been stored, or cannot be, which {@link #refusal} tells
   * @throws RuntimeException what kept upstream from answering; the reader has then left
   */
  @Nullable GrowingBlob awaitStart() {
    return awaitStart(() -> {});
  }

  /**
   * As {@link #awaitStart()}.
   *
   * @param onClose what is done when the reader is closed
   */
  @Nullable GrowingBlob awaitStart(Runnable onClose) {
    lock.lock();
    try {
      while (state == State.STARTING) {
        changed.awaitUninterruptibly();
      }
      boolean isReadable = state == State.RECEIVING || state == State.WHOLE;
      if (isReadable && file != null && file.tryRetain()) {
        return new Reader(file, onClose);
      }
      leave();
      if (failure != null) {
        throw failure;
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Why the blob cannot be stored, for Cache-Status; null where it can, as far as is known. */
  @Nullable String refusal() {
    lock.lock();
    try {
      return refusal;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the fetch has ended and its place is free for another. */
  void awaitGone() {
    lock.lock();
    try {
      while (!gone) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the fetch has ended, for a reader that has joined and wants no bytes; it then
   * leaves.
   *
   * @throws RuntimeException what ended the fetch before its time, or this waiting
   */
  void awaitEnd() {
    lock.lock();
    try {
      while (!gone) {
        changed.await();
      }
      if (failure != null) {
        throw failure;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UpstreamException(
          UpstreamException.Kind.UNAVAILABLE, "interrupted while waiting for a fetch", null, e);
    } finally {
      leave();
      lock.unlock();
    }
  }

  /**
   * Waits until more than {@code writtenBytes} bytes are in the file, or it has ended; what is held
   * back from readers counts. For the fetch that takes its bytes from a part, and hashes them.
   *
   * @return how many are in the file now; −1 where it has failed, will not go on, or the thread was
   *     interrupted
   */
  long awaitWritten(long writtenBytes) {
    lock.lock();
    try {
      while (state == State.RECEIVING && this.writtenBytes <= writtenBytes) {
        changed.await();
      }
      boolean isReadable = state == State.RECEIVING || state == State.WHOLE;
      return isReadable && this.writtenBytes > writtenBytes ? this.writtenBytes : -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    } finally {
      lock.unlock();
    }
  }

  /** How many bytes are in the file, those that are held back from readers too. */
  long writtenBytes() {
    lock.lock();
    try {
      return writtenBytes;
    } finally {
      lock.unlock();
    }
  }

  /** What ended it before its time; null where nothing has. */
  @Nullable RuntimeException failure() {
    lock.lock();
    try {
      return failure;
    } finally {
      lock.unlock();
    }
  }

  /** Stops it, where nobody reads it. */
  void stopUnread() {
    lock.lock();
    try {
      if (readers == 0) {
        errand.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether upstream has begun to answer, and nothing has gone wrong since. */
  boolean isReadable() {
    lock.lock();
    try {
      return state == State.RECEIVING || state == State.WHOLE;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the blob is known to be right, or that will never be.
   *
   * @return whether it is right
   */
  boolean awaitWhole() {
    lock.lock();
    try {
      while (state == State.STARTING || state == State.RECEIVING) {
        changed.awaitUninterruptibly();
      }
      return state == State.WHOLE;
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      readers--;
      if (readers == 0 && abandoned == Abandoned.STOP) {
        errand.stop();
      }
    } finally {
      lock.unlock();
    }
  }

  // The filling side: one thread.

  /** The first place to ask that is not in {@code tried}; there is one. */
  Origin nextOrigin(Set<Origin> tried) {
    lock.lock();
    try {
      return origins.stream().filter(origin -> !tried.contains(origin)).findFirst().orElseThrow();
    } finally {
      lock.unlock();
    }
  }

  /** Whether there is a place to ask that is not in {@code tried}. */
  boolean hasOriginBeside(Set<Origin> tried) {
    lock.lock();
    try {
      return !tried.containsAll(origins);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Upstream answers. What is already in the file is visible at once.
   *
   * @param writtenBytes how much of the file may be read
   * @param sizeBytes the whole blob's length; −1 where upstream does not say
   * @param parts where parts of it can be fetched first; null where they cannot
   */
  void started(SharedFile file, long writtenBytes, long sizeBytes, @Nullable Parts parts) {
    publish(() -> {
      state = State.RECEIVING;
      this.sizeBytes = sizeBytes;
      this.file = file;
      this.parts = parts;
      this.writtenBytes = writtenBytes;
    });
  }

  /** More bytes are in the file. */
  void advanced(long writtenBytes) {
    publish(() -> this.writtenBytes = writtenBytes);
  }

  /** All bytes are in the file, and they hash to the digest. */
  void verified(SharedFile file, long writtenBytes) {
    publish(() -> {
      state = State.WHOLE;
      this.file = file;
      this.writtenBytes = writtenBytes;
      sizeBytes = writtenBytes;
    });
  }

  /** All bytes of a part are in the file. */
  void complete() {
    publish(() -> state = State.WHOLE);
  }

  /**
   * The disk takes no more, and what is in the file is all that there will be. Readers that have
   * all bytes already do not care.
   *
   * @param refusal why, for Cache-Status
   * @param rest makes a reader's own passage from the last visible byte on, called by one thread at
   *     a time; null where nothing was {@link #started}, and so nobody reads
   */
  void spilled(String refusal, @Nullable Supplier<Passage> rest) {
    publish(() -> {
      if (state != State.WHOLE) {
        state = State.SPILLED;
        this.refusal = refusal;
        this.rest = rest;
      }
    });
  }

  /**
   * The fetching thread is done, and the fetch is no longer found by newcomers.
   *
   * @param cause what ended it before its time, or null; readers that have all bytes already do not
   *     care
   */
  void ended(@Nullable RuntimeException cause) {
    endSpan(cause);
    publish(() -> {
      gone = true;
      if (state != State.WHOLE && state != State.SPILLED) {
        state = State.FAILED;
        failure = cause;
      }
    });
  }

  private void endSpan(@Nullable RuntimeException cause) {
    if (cause != null) {
      span.fail(cause);
    }
    span.end();
  }

  private void publish(Runnable change) {
    List<Waiter> wake = List.of();
    lock.lock();
    try {
      change.run();
      changed.signalAll();
      if (!waiting.isEmpty()) {
        Progress now = progress();
        wake = waiting.stream().filter(waiter -> waiter.isDue(now)).toList();
        waiting.removeAll(wake);
      }
    } finally {
      lock.unlock();
    }
    for (Waiter waiter : wake) {
      waiter.wake().run();
    }
  }

  private Progress progress() {
    // After a failure the file may have been emptied: then nothing of it may be read.
    return switch (state) {
      case STARTING -> new Progress(firstByte, Stage.ARRIVING);
      case RECEIVING -> new Progress(visibleTo(), Stage.ARRIVING);
      case WHOLE -> new Progress(firstByte + writtenBytes, Stage.WHOLE);
      case SPILLED -> new Progress(visibleTo(), Stage.SPILLED);
      case FAILED -> new Progress(firstByte, Stage.FAILED);
    };
  }

  private long visibleTo() {
    return firstByte + Math.max(0, writtenBytes - heldBytes);
  }

  private final class Reader implements GrowingBlob {

    private final SharedFile mine;
    private final Runnable onClose;
    private boolean closed; // guarded by lock

    Reader(SharedFile mine, Runnable onClose) {
      this.mine = mine;
      this.onClose = onClose;
    }

    @Override
    public long sizeBytes() {
      lock.lock();
      try {
        return sizeBytes;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public Optional<RuntimeException> failure() {
      lock.lock();
      try {
        return Optional.ofNullable(failure);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public SharedFile file() {
      return mine;
    }

    @Override
    public long firstByte() {
      return firstByte;
    }

    @Override
    public @Nullable GrowingBlob ahead(long from, long to, boolean isToEnd) {
      Parts parts;
      lock.lock();
      try {
        parts = Fetch.this.parts;
      } finally {
        lock.unlock();
      }
      return parts == null ? null : parts.read(this, from, to, isToEnd);
    }

    @Override
    public Progress progress() {
      lock.lock();
      try {
        return Fetch.this.progress();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public Passage rest() {
      lock.lock();
      try {
        if (rest == null) {
          throw new IllegalStateException("the fetch has not spilled");
        }
        return rest.get();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onProgress(long seenTo, Runnable wake) {
      Waiter waiter = new Waiter(seenTo, wake);
      lock.lock();
      try {
        if (!waiter.isDue(Fetch.this.progress())) {
          waiting.add(waiter);
          return;
        }
      } finally {
        lock.unlock();
      }
      wake.run();
    }

    @Override
    public void close() {
      lock.lock();
      try {
        if (closed) {
          return;
        }
        closed = true;
      } finally {
        lock.unlock();
      }
      mine.release();
      leave();
      onClose.run();
    }
  }
}
