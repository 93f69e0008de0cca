package io.weir.cache;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/**
 * One call upstream for many who ask the same at the same time.
 *
 * <p>The first asker makes the call on its own thread, to the end, whether or not its client is
 * still there; the others wait for the same outcome, be it a value or a failure. Thread-safe;
 * blocks.
 */
final class Flights {

  private final ConcurrentMap<Question, CompletableFuture<Object>> underWay =
      new ConcurrentHashMap<>();

  /**
   * What a call gave.
   *
   * @param value the result
   * @param joined whether another asker had made the call
   */
  record Landing<T>(T value, boolean joined) {}

  /**
   * Makes {@code call}, or waits for the one under way. A question always has the same type of
   * answer.
   *
   * @throws RuntimeException what the call threw
   */
  @SuppressWarnings("unchecked") // one question, one type of answer
  <T> Landing<T> fly(Question question, Supplier<T> call) {
    CompletableFuture<Object> mine = new CompletableFuture<>();
    CompletableFuture<Object> earlier = underWay.putIfAbsent(question, mine);
    if (earlier != null) {
      return new Landing<>((T) join(earlier), true);
    }
    try {
      T value = call.get();
      mine.complete(value);
      return new Landing<>(value, false);
    } catch (Throwable e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      underWay.remove(question, mine);
    }
  }

  /** Whether a call for {@code question} is under way. */
  boolean isUnderWay(Question question) {
    return underWay.containsKey(question);
  }

  private static Object join(CompletableFuture<Object> flight) {
    try {
      return flight.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }
}
