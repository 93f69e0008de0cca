package io.weir.cache;

import io.weir.config.TagsConfig;
import java.time.Duration;
import java.time.Instant;

/**
 * How old an answer is, against how old it may be.
 *
 * @param age since upstream last confirmed it; never negative, whatever the clock does
 * @param limit how long it is believed without asking
 * @param staleLimit how long it may serve while upstream fails
 */
record Freshness(Duration age, Duration limit, Duration staleLimit) {

  static Freshness of(
      Instant checkedAt, Instant now, Duration limit, TagsConfig.StaleIfError staleIfError) {
    Duration age = Duration.between(checkedAt, now);
    return new Freshness(age.isNegative() ? Duration.ZERO : age, limit, staleIfError.limit());
  }

  boolean isFresh() {
    return age.compareTo(limit) < 0;
  }

  boolean mayBeStale() {
    return age.compareTo(staleLimit) < 0;
  }

  CacheStatus asFresh() {
    return CacheStatus.fresh(limit.minus(age));
  }

  CacheStatus asStale() {
    return CacheStatus.stale(age.minus(limit));
  }
}
