package io.weir.metrics;

import java.util.Locale;

/** The {@code where} label: where content was found not to match its digest. */
public enum Where {
  /** As it came from upstream. */
  FETCH,
  /** As it was read to be served. */
  READ,
  /** As stored bytes were hashed again. */
  SCRUB,
  /** As files were compared with the index. */
  RECONCILE;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The value of the {@code where} label. */
  public String label() {
    return label;
  }
}
