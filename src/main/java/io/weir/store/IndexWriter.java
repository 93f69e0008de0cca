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
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes changes of the index, in batches: one platform thread, {@code weir-index}, takes what
 * waits in a bounded queue and commits it in one transaction.
 *
 * <p>Nothing that fails here reaches a pull. What the disk does not take is dropped, a file that is
 * damaged is replaced, and one that cannot be opened is tried again; each is said in the log, once
 * until it is well again.
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

  /** What is to be done beside the changes. All of it on the index thread, or in {@link #start}. */
  interface Hooks {

    /** The file has been opened; only reads. */
    void opened(Database database) throws SQLException;

    /** Every few seconds, and before {@link #flush} returns. */
    void periodically(Database database) throws SQLException;

    /** A batch has been committed; only reads. */
    void committed(Database database) throws SQLException;

    /**
     * The file is open and {@linkplain Database#isRestoring not filled}. Must not wait for the
     * index.
     */
    void emptied();

    /** Changes were lost, and the file takes them again. Must not wait for the index. */
    void recovered();
  }

  private final IndexFile file;
  private final ImageIndexFile imageIndex;
  private final Hooks hooks;
  private final BlockingQueue<Change> changes = new ArrayBlockingQueue<>(CHANGES_MAX);
  private final AtomicLong losses = new AtomicLong();
  private final Thread thread =
      Thread.ofPlatform().name("weir-index").daemon(true).unstarted(this::run);
  private volatile boolean isClosing;
  private volatile boolean isFailing;

  /**
   * @param imageIndex follows the index
   */
  IndexWriter(IndexFile file, ImageIndexFile imageIndex, Hooks hooks) {
    this.file = file;
    this.imageIndex = imageIndex;
    this.hooks = hooks;
  }

  /** Opens the file, if the disk takes it now, and begins to write. */
  void start() {
    open();
    thread.start();
  }

  /** How often changes were dropped. */
  long losses() {
    return losses.get();
  }

  /** Queues a change. Never blocks; where the queue is full the change is dropped. */
  void offer(Change change) {
    if (!changes.offer(change)) {
      failing("the index is behind by " + CHANGES_MAX + " changes; later ones are dropped");
      change.settled();
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
            hooks.periodically(database);
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
      writeImageIndex(imageIndex::write);
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
          recover();
          batch.add(hooks::periodically);
          dueNanos = System.nanoTime() + PERIOD_NANOS;
        }
        applyAll(batch);
        batch.clear();
        writeImageIndex(imageIndex::writeIfDue);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeImageIndex(Consumer<Database> write) {
    Database database = file.writer();
    if (database != null) {
      write.accept(database);
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
    if (!batch.isEmpty()) {
      tryApply(batch);
      batch.forEach(Change::settled);
    }
  }

  private void tryApply(List<Change> batch) {
    Database database = file.writer();
    if (database == null) {
      losses.addAndGet(batch.size());
      return;
    }
    try {
      for (Change change : batch) {
        change.apply(database);
      }
      database.commit();
      hooks.committed(database);
    } catch (SQLException e) {
      undo(database, e);
    } catch (RuntimeException e) {
      LOG.error("a change of the index is wrong", e);
      undo(database, new SQLException("a change is wrong", e));
    }
  }

  private void undo(Database database, SQLException failure) {
    if (IndexFile.isDamage(failure)) {
      replace(failure);
    } else {
      failing("the index cannot be written: " + failure.getMessage());
      rollback(database);
    }
  }

  private void replace(SQLException damage) {
    losses.incrementAndGet();
    isFailing = true; // said in the log by the file
    try {
      file.replace(damage);
      announceOpen();
    } catch (SQLException | IOException e) {
      LOG.warn("the index is damaged and cannot be made anew: {}", e.getMessage());
    }
  }

  /** SQLite may have rolled back by itself; then only a new connection begins transactions. */
  private void rollback(Database database) {
    try {
      database.rollback();
    } catch (SQLException e) {
      LOG.debug("the index is opened again", e);
      open();
    }
  }

  private void closeFile() {
    try {
      file.close();
    } catch (SQLException e) {
      LOG.debug("the index was not closed well", e);
    }
  }

  /** Opens the file where it is off or gone, and says when it is well again. */
  private void recover() {
    if (file.isGone()) {
      failing("the index was removed and is made anew");
      closeFile();
    }
    if (file.writer() == null) {
      open();
    }
    Database database = file.writer();
    if (!isFailing || database == null || changes.size() > CHANGES_MAX / 2) {
      return;
    }
    try {
      database.probe();
      database.commit();
      isFailing = false;
      LOG.info("the index is written again");
      hooks.recovered();
      announceOpen();
    } catch (SQLException e) {
      undo(database, e);
    }
  }

  private void open() {
    try {
      file.open();
      announceOpen();
    } catch (SQLException e) {
      if (IndexFile.isDamage(e)) {
        replace(e);
      } else {
        notOpened(e);
      }
    } catch (IOException e) {
      notOpened(e);
    }
  }

  private void notOpened(Exception e) {
    failing("the store cannot be written, which is tried again: " + e.getMessage());
  }

  private void announceOpen() throws SQLException {
    Database database = file.writer();
    if (database == null) {
      return;
    }
    hooks.opened(database);
    if (database.isRestoring()) {
      hooks.emptied();
    }
  }

  private void failing(String why) {
    losses.incrementAndGet();
    if (!isFailing) {
      isFailing = true;
      LOG.warn("{}; what the index misses will be learned again", why);
    }
  }
}
