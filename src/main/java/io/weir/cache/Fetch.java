package io.weir.cache;

import io.weir.cache.GrowingBlob.Progress;
import io.weir.config.Config.Abandoned;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.store.IncomingBlob;
import io.weir.store.SharedFile;
import io.weir.upstream.UpstreamException;
import java.time.Duration;
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
 * States:
 *
 * <pre>
 * STARTING ──started──► RECEIVING ──verified──► WHOLE
 *     └────────────┬────────┘
 *                 ended ──► FAILED
 * </pre>
 *
 * In RECEIVING all bytes but the last {@link #TAIL_BYTES} are visible; in WHOLE all are. WHOLE
 * means that the digest is right, not yet that the file is durable: clients need not wait for the
 * disk.
 *
 * <p>Thread-safe; one lock guards all fields and is never held over input or output or over a
 * reader's callback.
 */
final class Fetch {

  /**
   * How much of the end is held back until the digest is known. One byte would do to keep a wrong
   * blob from being complete; a page keeps a client from making sense of what it has.
   */
  static final long TAIL_BYTES = 4096;

  private enum State {
    STARTING,
    RECEIVING,
    WHOLE,
    FAILED
  }

  /** A reader that has read {@code seenBytes} and waits for more. */
  private record Waiter(long seenBytes, Runnable wake) {
    boolean isDue(Progress now) {
      return now.visibleBytes() > seenBytes || now.whole() || now.failed();
    }
  }

  private final Digest digest;
  private final Abandoned abandoned;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All guarded by lock.
  private final Set<Origin> origins = new LinkedHashSet<>();
  private State state = State.STARTING;
  private long sizeBytes = -1;
  private long writtenBytes;
  private @Nullable SharedFile file;
  private @Nullable RuntimeException failure;
  private int readers;
  private boolean stopped;
  private boolean gone;
  private @Nullable Thread asking;
  private final List<Waiter> waiting = new ArrayList<>();

  Fetch(Digest digest, Origin origin, Abandoned abandoned) {
    this.digest = digest;
    this.abandoned = abandoned;
    this.origins.add(origin);
  }

  Digest digest() {
    return digest;
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
   * @return false where the fetch has failed or is being stopped; the caller begins another
   */
  boolean tryJoin(Origin origin) {
    lock.lock();
    try {
      if (stopped || state == State.FAILED) {
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
   * @return null where the blob has meanwhile been stored, and is to be read from there
   * @throws RuntimeException what kept upstream from answering; the reader has then left
   */
  @Nullable GrowingBlob awaitStart() {
    lock.lock();
    try {
      while (state == State.STARTING) {
        changed.awaitUninterruptibly();
      }
      if (state != State.FAILED && file != null && file.tryRetain()) {
        return new Reader(file);
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

  private void leave() {
    lock.lock();
    try {
      readers--;
      if (readers == 0 && abandoned == Abandoned.STOP) {
        stop();
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
   * Upstream answers; {@code sizeBytes} is −1 where it does not say. What is already in the file is
   * visible at once.
   */
  void started(IncomingBlob incoming, long sizeBytes) {
    publish(() -> {
      state = State.RECEIVING;
      this.sizeBytes = sizeBytes;
      file = incoming.file();
      writtenBytes = incoming.writtenBytes();
    });
  }

  /** More bytes are in the file. */
  void advanced(long writtenBytes) {
    publish(() -> this.writtenBytes = writtenBytes);
  }

  /** All bytes are in the file, and they hash to the digest. */
  void verified(IncomingBlob incoming) {
    publish(() -> {
      state = State.WHOLE;
      file = incoming.file();
      writtenBytes = incoming.writtenBytes();
      sizeBytes = writtenBytes;
    });
  }

  /**
   * The fetching thread is done, and the fetch is no longer found by newcomers.
   *
   * @param cause what ended it before its time, or null; readers that have all bytes already do not
   *     care
   */
  void ended(@Nullable RuntimeException cause) {
    publish(() -> {
      gone = true;
      if (state != State.WHOLE) {
        state = State.FAILED;
        failure = cause;
      }
    });
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
      case WHOLE -> new Progress(writtenBytes, true, false);
      case RECEIVING -> new Progress(Math.max(0, writtenBytes - TAIL_BYTES), false, false);
      case STARTING -> new Progress(0, false, false);
      case FAILED -> new Progress(0, false, true);
    };
  }

  /**
   * Asks upstream, and waits for it. Nowhere else is the filling thread interrupted: an interrupt
   * during a write would close the file.
   *
   * @throws UpstreamException also where the fetch has been stopped, before the call or during it
   */
  <T extends @Nullable Object> T asking(Supplier<T> call) {
    lock.lock();
    try {
      if (stopped) {
        throw new UpstreamException(UpstreamException.Kind.UNAVAILABLE, "the fetch was stopped");
      }
      asking = Thread.currentThread();
    } finally {
      lock.unlock();
    }
    try {
      return call.get();
    } finally {
      lock.lock();
      try {
        asking = null;
        boolean _ = Thread.interrupted();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Ends the fetch at once, also where upstream keeps it waiting; what came is kept for another.
   */
  void interrupt() {
    lock.lock();
    try {
      stop();
      if (asking != null) {
        asking.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the fetch at the next piece; what came is kept for another. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isStopped() {
    lock.lock();
    try {
      return stopped;
    } finally {
      lock.unlock();
    }
  }

  /** Waits before another attempt, or until the fetch is stopped. */
  void pause(Duration duration) {
    lock.lock();
    try {
      long nanos = duration.toNanos();
      while (!stopped && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      throw new UpstreamException(
          UpstreamException.Kind.UNAVAILABLE,
          "the fetch of " + digest + " was interrupted",
          null,
          e);
    } finally {
      lock.unlock();
    }
  }

  private final class Reader implements GrowingBlob {

    private final SharedFile mine;
    private boolean closed; // guarded by lock

    Reader(SharedFile mine) {
      this.mine = mine;
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
    public Progress progress() {
      lock.lock();
      try {
        return Fetch.this.progress();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onProgress(long seenBytes, Runnable wake) {
      Waiter waiter = new Waiter(seenBytes, wake);
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
    }
  }
}
