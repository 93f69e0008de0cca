package io.weir.upstream;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Remembers how an upstream was when it was last asked. Thread-safe; each fact by itself. */
final class Vitals {

  private final InstantSource clock;
  private volatile @Nullable Instant lastAnswer;
  private volatile UpstreamHealth.@Nullable Failure lastError;
  private volatile @Nullable RateLimit rateLimit;

  Vitals(InstantSource clock) {
    this.clock = clock;
  }

  /** One of its URLs has answered. */
  void answered() {
    lastAnswer = clock.instant();
  }

  /** A request has come to nothing, or a body broke. */
  void failed(UpstreamException why) {
    switch (why.kind()) {
      case NOT_FOUND, TOO_LARGE -> {} // that is how its content is
      case DENIED, RATE_LIMITED, UNAVAILABLE, TIMEOUT, INVALID ->
          lastError = new UpstreamHealth.Failure(String.valueOf(why.getMessage()), clock.instant());
    }
  }

  /** It may have said something of its rate limit, in these headers of an answer. */
  void limited(Function<String, @Nullable String> header) {
    RateLimit.parse(header, clock.instant()).ifPresent(limit -> rateLimit = limit);
  }

  UpstreamHealth health() {
    return new UpstreamHealth(
        Optional.ofNullable(lastAnswer),
        Optional.ofNullable(lastError),
        Optional.ofNullable(rateLimit).flatMap(limit -> limit.knownAt(clock.instant())));
  }
}
