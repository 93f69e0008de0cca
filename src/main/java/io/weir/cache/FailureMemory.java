package io.weir.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.upstream.UpstreamException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * A short memory of what upstream could not give, so that a client's quick retries are answered
 * from here.
 *
 * <p>It is short because the most common reason heals at once: an image or its signature is being
 * pushed. Thread-safe.
 */
final class FailureMemory {

  /** Longer than the burst of retries of containerd, shorter than a human's. */
  static final Duration KEPT = Duration.ofSeconds(5);

  private static final int FAILURES_MAX = 10_000;

  private final Cache<Question, UpstreamException> failures;

  FailureMemory(InstantSource clock) {
    this.failures =
        Caffeine.newBuilder()
            .maximumSize(FAILURES_MAX)
            .expireAfterWrite(KEPT)
            .ticker(() -> Duration.ofMillis(clock.millis()).toNanos())
            .executor(Runnable::run)
            .build();
  }

  /** What an upstream could not give is asked again. */
  void forget(String upstream) {
    failures.asMap().keySet().removeIf(question -> question.origin().upstream().equals(upstream));
  }

  /**
   * Makes {@code call}, unless it failed a moment ago.
   *
   * @throws UpstreamException the call's, now or then
   */
  <T> T recalling(Question question, Supplier<T> call) {
    UpstreamException failure = failures.getIfPresent(question);
    if (failure != null) {
      throw failure;
    }
    try {
      return call.get();
    } catch (UpstreamException e) {
      failures.put(question, e);
      throw e;
    }
  }
}
