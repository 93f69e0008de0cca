package io.weir.metrics;

import java.util.Locale;

/** The {@code kind} label: what a request is about. */
public enum Kind {
  MANIFEST,
  BLOB,
  TAGS,
  REFERRERS,
  /** Everything else: pings, the catalog, token requests. */
  OTHER;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The value of the {@code kind} label. */
  public String label() {
    return label;
  }
}
