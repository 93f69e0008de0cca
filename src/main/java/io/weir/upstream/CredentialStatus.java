package io.weir.upstream;

import java.time.Instant;
import java.util.Optional;

/**
 * Which credentials an upstream was last asked with. Holds no secret.
 *
 * @param source where they are from, by the key of the configuration: {@code password-file
 *     /run/secrets/hub}, {@code docker-config /etc/weir/pull-secret.json (auths quay.io)}, {@code
 *     exec docker-credential-ecr-login}
 * @param username who the server is there, where that is known and no secret by itself
 * @param since when they were read, or the helper gave them; empty before they were first needed,
 *     and for those of the environment
 * @param until when the helper is asked anew at the latest; empty where nothing ends
 * @param failure why they could not be had when that was last tried, or that the upstream did not
 *     take them; empty where all is well
 */
public record CredentialStatus(
    String source,
    Optional<String> username,
    Optional<Instant> since,
    Optional<Instant> until,
    Optional<Failure> failure) {

  /**
   * They are of no use.
   *
   * @param reason what happened; of what a helper printed at most a line, with all that looks like
   *     a secret left out
   * @param at when
   */
  public record Failure(String reason, Instant at) {}

  /** Before they were first needed. */
  static CredentialStatus unused(String source) {
    return new CredentialStatus(
        source, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The same, with another failure. */
  CredentialStatus failed(Failure other) {
    return new CredentialStatus(source, username, since, until, Optional.of(other));
  }
}
