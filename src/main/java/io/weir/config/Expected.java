package io.weir.config;

import org.jspecify.annotations.Nullable;

/** A text that means nothing where it stands. The message says what was expected there. */
final class Expected extends IllegalArgumentException {

  /**
   * A refusal.
   *
   * @param what follows the word "expected"
   */
  Expected(String what) {
    this(what, null);
  }

  Expected(String what, @Nullable Throwable cause) {
    super("expected " + what, cause);
  }
}
