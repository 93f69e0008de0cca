package io.weir.upstream;

import java.time.Duration;

/**
 * When a try has to be over, whatever it consists of: waiting for a token, redirects, a second
 * request after a 401.
 *
 * @param nanos in the time of {@link System#nanoTime}
 */
record Deadline(long nanos) {

  private static final Duration LEAST = Duration.ofMillis(1);

  static Deadline in(Duration duration) {
    return new Deadline(System.nanoTime() + duration.toNanos());
  }

  /** {@code wish}, or what is left where that is less; never zero. */
  Duration limit(Duration wish) {
    Duration left = Duration.ofNanos(nanos - System.nanoTime());
    Duration limit = left.compareTo(wish) < 0 ? left : wish;
    return limit.compareTo(LEAST) < 0 ? LEAST : limit;
  }
}
