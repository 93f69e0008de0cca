package io.weir.auth;

import java.time.Duration;

/** What becomes of somebody who asks to be let in. */
public sealed interface Entry {

  /** It is known who it is. What that one may pull is another question. */
  record Admitted(Caller caller) implements Entry {}

  /**
   * It is not who it says, or has to say who it is.
   *
   * @param reason for the client: why, without what it sent
   */
  record Refused(String reason) implements Entry {}

  /**
   * Nobody looks at its password now.
   *
   * @param reason for the client
   * @param pause until it may try again, more than nothing
   */
  record HeldUp(String reason, Duration pause) implements Entry {}

  /** Its password is being verified. */
  non-sealed interface Pending extends Entry {

    /** What came of it; never pending. Blocks for as long as bcrypt takes. */
    Entry await();
  }
}
