package io.weir.cache;

import io.weir.tracing.Span;
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
 *
 * <p>In traces the call is part of what its asker does, and whoever waits is linked to that.
 */
final class Flights {

  private final ConcurrentMap<Question, Flight> underWay = new ConcurrentHashMap<>();

  private record Flight(CompletableFuture<Object> outcome, Span asker) {}

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
    Flight mine = new Flight(new CompletableFuture<>(), Span.current());
    Flight earlier = underWay.putIfAbsent(question, mine);
    if (earlier != null) {
      mine.asker.link(earlier.asker);
      return new Landing<>((T) join(earlier.outcome), true);
    }
    try {
      T value = call.get();
      mine.outcome.complete(value);
      return new Landing<>(value, false);
    } catch (Throwable e) {
      mine.outcome.completeExceptionally(e);
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
