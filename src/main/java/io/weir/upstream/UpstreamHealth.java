package io.weir.upstream;

import java.time.Instant;
import java.util.Optional;

/**
 * How an upstream was when it was last asked. Holds no secret.
 *
 * @param lastAnswer when one of its URLs last answered anything but a server error; empty where
 *     none has since it is configured so
 * @param lastError what last went wrong, also where all is well again; empty where nothing has
 * @param rateLimit what it last said of its rate limit and still holds, if it has one
 */
public record UpstreamHealth(
    Optional<Instant> lastAnswer, Optional<Failure> lastError, Optional<RateLimit> rateLimit) {

  /**
   * It did not give what it was asked for. That something does not exist is no failure.
   *
   * @param reason what happened, in words that may be shown to anybody
   * @param at when
   */
  public record Failure(String reason, Instant at) {}
}
