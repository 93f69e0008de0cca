package io.weir.metrics;

import java.util.Locale;

/** The {@code result} label: what came of a password that was not known yet. */
public enum Login {
  /** It was right. */
  ACCEPTED,
  /** It was wrong. */
  REFUSED,
  /** Nobody looked at it: too many before it were wrong, or too many were waiting. */
  HELD_UP;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The value of the {@code result} label. */
  public String label() {
    return label;
  }
}
