package io.weir.store;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes changes of the index, in batches: one platform thread, {@code weir-index}, takes what
 * waits in a bounded queue and commits it in one transaction.
 *
 * <p>Nothing that fails here reaches a pull. What the disk does not take is dropped, and a file
 * that is damaged is replaced; both are said in the log, once until it is well again.
 */
final class IndexWriter {

  private static final Logger LOG = LoggerFactory.getLogger(IndexWriter.class);

  private static final int CHANGES_MAX = 1 << 16;
  private static final int BATCH_MAX = 1000;
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final Duration LIFE_CHECK = Duration.ofSeconds(1);

  /** One queued write. Applied inside a transaction. */
  interface Change {
    void apply(Database database) throws SQLException;

    /** The batch has been committed, or given up. */
    default void settled() {}

    /** Whether it needs a transaction of its own: it deletes files, or may be undone. */
    default boolean isAlone() {
      return false;
    }
  }

  private final IndexFile file;
  private final ImageIndexFile imageIndex;
  private final Change periodic;
  private final Change committed;
  private final Runnable replaced;
  private final BlockingQueue<Change> changes = new ArrayBlockingQueue<>(CHANGES_MAX);
  private final Thread thread;
  private volatile boolean isClosing;
  private volatile boolean isFailing;

  /**
   * Begins to write.
   *
   * @param imageIndex follows the index
   * @param periodic applied every few seconds, and before {@link #flush} returns
   * @param committed applied after each batch; only reads
   * @param replaced called when a damaged file has been replaced by an empty one
   */
  IndexWriter(
      IndexFile file,
      ImageIndexFile imageIndex,
      Change periodic,
      Change committed,
      Runnable replaced) {
    this.file = file;
    this.imageIndex = imageIndex;
    this.periodic = periodic;
    this.committed = committed;
    this.replaced = replaced;
    this.thread = Thread.ofPlatform().name("weir-index").daemon(true).start(this::run);
  }

  /** Queues a change. Never blocks; where the queue is full the change is dropped. */
  void offer(Change change) {
    if (!changes.offer(change)) {
      failing("the index is behind by " + CHANGES_MAX + " changes; later ones are dropped");
    }
  }

  /**
   * Runs {@code call}, and waits for it.
   *
   * @throws IOException where it failed, or could not be committed
   */
  <T> T run(IndexCall<T> call) throws IOException {
    try {
      changes.put(call);
      while (!call.awaitSettled(LIFE_CHECK)) {
        if (!thread.isAlive()) {
          throw new IOException("the index is closed");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the index", e);
    }
    return call.result();
  }

  /** Waits until every change queued so far was committed or given up. */
  void flush() {
    CountDownLatch settled = new CountDownLatch(1);
    Change last =
        new Change() {
          @Override
          public void apply(Database database) throws SQLException {
            periodic.apply(database);
          }

          @Override
          public void settled() {
            settled.countDown();
          }
        };
    try {
      changes.put(last);
      settled.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Writes what waits, and ends. */
  void close() {
    flush();
    isClosing = true;
    offer(_ -> {});
    try {
      thread.join();
      imageIndex.write(file.writer());
      file.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      LOG.warn("the index was not closed well: {}", e.getMessage());
    }
  }

  // The thread.

  private void run() {
    List<Change> batch = new ArrayList<>();
    long dueNanos = System.nanoTime() + PERIOD_NANOS;
    try {
      while (!isClosing || !changes.isEmpty()) {
        Change first = changes.poll(PERIOD_NANOS, TimeUnit.NANOSECONDS);
        if (first != null) {
          batch.add(first);
          changes.drainTo(batch, BATCH_MAX - 1);
        }
        if (System.nanoTime() - dueNanos >= 0) {
          batch.add(periodic);
          dueNanos = System.nanoTime() + PERIOD_NANOS;
        }
        applyAll(batch);
        batch.clear();
        imageIndex.writeIfDue(file.writer());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** In one transaction, but for those that need one of their own. */
  private void applyAll(List<Change> changes) {
    List<Change> batch = new ArrayList<>();
    for (Change change : changes) {
      if (change.isAlone()) {
        apply(batch);
        batch.clear();
        apply(List.of(change));
      } else {
        batch.add(change);
      }
    }
    apply(batch);
  }

  private void apply(List<Change> batch) {
    if (batch.isEmpty()) {
      return;
    }
    try {
      for (Change change : batch) {
        change.apply(file.writer());
      }
      file.writer().commit();
      committed.apply(file.writer());
      isFailing = false;
    } catch (SQLException e) {
      undo(e);
    } catch (RuntimeException e) {
      LOG.error("a change of the index is wrong", e);
      undo(new SQLException("a change is wrong", e));
    }
    batch.forEach(Change::settled);
  }

  private void undo(SQLException failure) {
    try {
      if (IndexFile.isDamage(failure)) {
        file.replace(failure);
        replaced.run();
      } else {
        file.writer().rollback();
        failing("the index cannot be written: " + failure.getMessage());
      }
    } catch (SQLException | IOException e) {
      failing("the index cannot be written: " + failure.getMessage() + "; " + e.getMessage());
    }
  }

  private void failing(String why) {
    if (!isFailing) {
      isFailing = true;
      LOG.warn("{}; what it misses will be learned again", why);
    }
  }
}
