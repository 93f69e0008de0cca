package io.weir.store;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Work on the index that somebody waits for, in a transaction of its own.
 *
 * @param <T> what it gives
 */
final class IndexCall<T> implements IndexWriter.Change {

  /** The work itself. */
  interface Work<T> {
    T with(Database database) throws SQLException, IOException;
  }

  private final boolean undone;
  private final Work<T> work;
  private final CountDownLatch settled = new CountDownLatch(1);

  // Written on the index thread, read after `settled`.
  private @Nullable T result;
  private @Nullable Exception failure = new IOException("it takes no writes");

  /**
   * Prepares a call.
   *
   * @param undone whether it is rolled back at the end
   */
  IndexCall(boolean undone, Work<T> work) {
    this.undone = undone;
    this.work = work;
  }

  @Override
  public boolean isAlone() {
    return true;
  }

  @Override
  public void apply(Database database) throws SQLException {
    try {
      result = work.with(database);
      if (undone) {
        database.rollback();
      } else {
        database.commit();
      }
      failure = null;
    } catch (SQLException e) {
      failure = e;
      throw e;
    } catch (IOException | RuntimeException e) {
      failure = e;
      database.rollback();
    }
  }

  @Override
  public void settled() {
    settled.countDown();
  }

  /** Waits until it has been done, or given up; false where that takes longer. */
  boolean awaitSettled(Duration atMost) throws InterruptedException {
    return settled.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * What it gave.
   *
   * @throws IOException where it failed
   */
  T result() throws IOException {
    T given = result;
    if (failure instanceof RuntimeException wrong) {
      throw wrong;
    }
    if (failure != null || given == null) {
      throw new IOException(
          "the index failed: " + (failure == null ? "it gave nothing" : failure.getMessage()),
          failure);
    }
    return given;
  }
}
