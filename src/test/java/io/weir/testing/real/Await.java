package io.weir.testing.real;

import java.time.Duration;

/** Waits for a condition by asking it again and again, up to a deadline. */
public final class Await {

  private static final long PAUSE_MILLIS = 10;

  private Await() {}

  /** A question that may be asked too early: an exception counts as "not yet". */
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Returns as soon as the condition holds; false if it did not within the limit, or the thread was
   * interrupted.
   */
  public static boolean until(Duration limit, Condition condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      if (holdsNow(condition)) {
        return true;
      }
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  private static boolean holdsNow(Condition condition) {
    try {
      return condition.holds();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    } catch (Exception _) {
      return false;
    }
  }
}
