package io.weir.metrics;

import java.util.Locale;

/** The {@code outcome} label: how the cache answered a request. */
public enum Outcome {
  /** From the cache, without asking upstream. */
  HIT,
  /** Fetched for this request. */
  MISS,
  /** Joined a fetch that another request had begun. */
  COLLAPSED,
  /** Stored, and confirmed by upstream. */
  REVALIDATED,
  /** Stored and out of date, served because upstream failed. */
  STALE,
  /** Passed through without being stored. */
  BYPASS,
  /** Answered with an error. */
  ERROR;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The value of the {@code outcome} label. */
  public String label() {
    return label;
  }
}
