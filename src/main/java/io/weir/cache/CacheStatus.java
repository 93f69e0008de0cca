package io.weir.cache;

import io.weir.metrics.Outcome;
import java.time.Duration;

/**
 * How the cache came to an answer.
 *
 * @param outcome for the metrics
 * @param header the value of the {@code Cache-Status} header, RFC 9211
 */
public record CacheStatus(Outcome outcome, String header) {

  /** The reason for {@link #notStored} where the disk has no room, or takes nothing. */
  static final String DISK_FULL = "disk full";

  /** Stored, no upstream contact. */
  public static final CacheStatus HIT = new CacheStatus(Outcome.HIT, "weir; hit");

  /** Fetched for this request, and stored. */
  static final CacheStatus STORED = new CacheStatus(Outcome.MISS, "weir; fwd=uri-miss; stored");

  /** Joined a fetch that another request had begun. */
  static final CacheStatus COLLAPSED =
      new CacheStatus(Outcome.COLLAPSED, "weir; fwd=uri-miss; collapsed");

  /** A tag that upstream confirmed. */
  static final CacheStatus REVALIDATED =
      new CacheStatus(Outcome.REVALIDATED, "weir; fwd=stale; fwd-status=200");

  /** A tag that had moved; the new manifest is stored. */
  static final CacheStatus CHANGED =
      new CacheStatus(Outcome.MISS, "weir; fwd=stale; fwd-status=200; stored");

  /** Stored for another repository; upstream confirmed that this one has it too. */
  static final CacheStatus EARNED =
      new CacheStatus(
          Outcome.REVALIDATED, "weir; fwd=uri-miss; fwd-status=200; detail=\"already stored\"");

  /** A question about a blob that was passed on; nothing was fetched. */
  static final CacheStatus ASKED =
      new CacheStatus(Outcome.BYPASS, "weir; fwd=uri-miss; detail=\"head only\"");

  /** A tag or a list within its refresh time. */
  static CacheStatus fresh(Duration left) {
    return new CacheStatus(Outcome.HIT, "weir; hit; ttl=" + left.toSeconds());
  }

  /** Out of date since {@code overdue}, served because upstream failed. */
  static CacheStatus stale(Duration overdue) {
    return new CacheStatus(
        Outcome.STALE,
        "weir; hit; ttl=-%d; detail=\"stale-if-error\"".formatted(overdue.toSeconds()));
  }

  /** Fetched, and not stored for a reason. */
  static CacheStatus notStored(String reason) {
    return new CacheStatus(Outcome.BYPASS, "weir; fwd=uri-miss; detail=\"" + reason + '"');
  }
}
