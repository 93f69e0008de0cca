package io.weir.integrity;

import io.weir.metrics.Metrics;
import io.weir.metrics.Where;
import io.weir.oci.Digest;
import io.weir.store.BlobWalk;
import io.weir.store.Store;
import io.weir.store.StoredBlob;
import io.weir.store.StoredContent;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the index say again what the folder has, by names and lengths: in the background after each
 * start, then once a day, and on demand. Pulls and evictions may go on beside it. Thread-safe.
 */
public final class Reconciliation implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);

  private static final int BATCH = 500;

  /**
   * After each batch it rests for so many times as long as that took: it takes a fifth of a core.
   */
  private static final int REST = 4;

  private static final Duration PERIOD = Duration.ofDays(1);
  private static final Duration PARTIAL_AGE_MAX = Duration.ofDays(1);
  private static final Duration QUARANTINED_AGE_MAX = Duration.ofDays(7);

  private final Store store;
  private final Damages damages;
  private final InstantSource clock;
  private final Stopwatch stopwatch;
  private final Cancellation closing = new Cancellation();
  private final Worker worker = new Worker("reconcile", this::runInBackground);
  private final AtomicBoolean hasLoggedStrangers = new AtomicBoolean();
  private volatile @Nullable ReconciliationResult last;

  /** A reconciliation that has not begun. */
  public Reconciliation(Store store, InstantSource clock, Metrics metrics) {
    this(store, clock, metrics, Stopwatch.REAL);
  }

  Reconciliation(Store store, InstantSource clock, Metrics metrics, Stopwatch stopwatch) {
    this.store = store;
    this.damages = new Damages(store, metrics);
    this.clock = clock;
    this.stopwatch = stopwatch;
  }

  /** Begins, in the background. Called once. */
  public void start() {
    worker.start();
  }

  /** Begins again in the background: the index may have lost something. Does not block. */
  public void again() {
    worker.wake();
  }

  private Duration runInBackground() {
    if (!closing.isCancelled()) {
      ReconciliationResult _ = run(closing);
    }
    return PERIOD;
  }

  /** What the last one found. */
  public Optional<ReconciliationResult> last() {
    return Optional.ofNullable(last);
  }

  /** Compares now, and blocks until it has come to the end or is cancelled. */
  ReconciliationResult run(Cancellation cancellation) {
    ReconciliationResult result = new Comparison(cancellation).run();
    last = result;
    if (!result.isClean()) {
      LOG.atWarn()
          .addKeyValue("lost", result.lost())
          .addKeyValue("damaged", result.damaged().size())
          .addKeyValue("adopted", result.adopted())
          .addKeyValue("seconds", result.took().toSeconds())
          .log("the index did not say what the folder has; now it does");
    }
    if (result.strangers() > 0 && hasLoggedStrangers.compareAndSet(false, true)) {
      LOG.warn("{} files below blobs/ have names that are no digests", result.strangers());
    }
    return result;
  }

  /** Ends what is under way, and waits for that. */
  @Override
  public void close() {
    closing.cancel();
    worker.close();
  }

  /** One comparison. */
  private final class Comparison {

    private final Cancellation cancellation;
    private final Adoption adoption = new Adoption(store, clock);
    private final List<Damage> damaged = new ArrayList<>();
    private final long begunNanos = stopwatch.nanos();
    private long batchNanos = begunNanos;
    private long lost;
    private long adopted;
    private long strangers;
    private long spareBytes;

    Comparison(Cancellation cancellation) {
      this.cancellation = cancellation;
    }

    ReconciliationResult run() {
      boolean isWhole = false;
      try {
        compareRows();
        compareFiles();
        spareBytes = store.blobs().dropPartial(PARTIAL_AGE_MAX);
        spareBytes += store.blobs().dropQuarantined(QUARANTINED_AGE_MAX);
        isWhole = !cancellation.isCancelled();
      } catch (IOException e) {
        LOG.warn("files and index are not compared to the end: {}", e.toString());
      }
      return new ReconciliationResult(
          clock.instant(),
          Duration.ofNanos(stopwatch.nanos() - begunNanos),
          lost,
          damaged,
          adopted,
          strangers,
          spareBytes,
          isWhole);
    }

    private void compareRows() {
      Digest after = null;
      while (!cancellation.isCancelled()) {
        List<StoredContent> rows = store.inventory().storedAfter(after, BATCH);
        if (rows.isEmpty()) {
          return;
        }
        rows.forEach(this::compare);
        after = rows.getLast().digest();
        rest();
      }
    }

    private void compare(StoredContent row) {
      StoredBlob file = store.blobs().find(row.digest()).orElse(null);
      if (file == null) {
        lost++;
        store.inventory().lost(row.digest());
      } else if (file.sizeBytes() != row.sizeBytes()) {
        damaged.add(damages.takeOut(row, row.wrongSize(file.sizeBytes()), Where.RECONCILE));
      }
    }

    private void compareFiles() throws IOException {
      try (BlobWalk walk = store.blobs().walk()) {
        while (!cancellation.isCancelled()) {
          List<Digest> files = walk.next(BATCH);
          if (files.isEmpty()) {
            break;
          }
          adoptUnknown(files);
          rest();
        }
        strangers = walk.strangers();
      }
    }

    private void adoptUnknown(List<Digest> files) throws IOException {
      Set<Digest> unknown = store.inventory().unknown(files);
      if (unknown.isEmpty()) {
        return;
      }
      store.index().flush(); // what has just been stored may be known, and not yet written
      for (Digest digest : store.inventory().unknown(unknown)) {
        if (cancellation.isCancelled()) {
          return;
        }
        adopted += adoption.adopt(digest) ? 1 : 0;
      }
      store.index().flush();
    }

    /** After a batch: gives others the room that it promises them. */
    private void rest() {
      stopwatch.pause(REST * (stopwatch.nanos() - batchNanos), cancellation);
      batchNanos = stopwatch.nanos();
    }
  }
}
