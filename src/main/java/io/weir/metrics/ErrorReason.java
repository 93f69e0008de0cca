package io.weir.metrics;

import java.util.Locale;

/** The {@code reason} label: why a request ended with an error. */
public enum ErrorReason {
  /** There is no such thing. */
  NOT_FOUND,
  /** The request makes no sense here: a push, a name that is none, a range behind the end. */
  BAD_REQUEST,
  /** The client left before it had its answer. */
  ABORTED,
  /** Whoever asks may not have it, by our rules or the upstream's. */
  DENIED,
  /** The upstream asks for patience. */
  THROTTLED,
  /** The upstream cannot be reached, is too slow, or has trouble of its own. */
  UNREACHABLE,
  /** The upstream's answer cannot be used: wrong bytes, a page, a manifest that is too large. */
  BAD_ANSWER,
  /** The cache failed, or its disk. */
  INTERNAL;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The value of the {@code reason} label. */
  public String label() {
    return label;
  }
}
