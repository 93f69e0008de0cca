package io.weir.upstream;

import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether an upstream took the credentials that it was last shown. Thread-safe. */
final class Verdict {

  private final InstantSource clock;
  private volatile CredentialStatus.@Nullable Failure refusal;

  Verdict(InstantSource clock) {
    this.clock = clock;
  }

  void taken() {
    if (refusal != null) {
      refusal = null;
    }
  }

  void refused(String why) {
    refusal = new CredentialStatus.Failure(why, clock.instant());
  }

  /** Why it did not; empty where it did, or was shown none. */
  Optional<CredentialStatus.Failure> refusal() {
    return Optional.ofNullable(refusal);
  }
}
