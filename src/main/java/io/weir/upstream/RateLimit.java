package io.weir.upstream;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an upstream says of its rate limit with an answer. Docker Hub sends {@code ratelimit-limit:
 * 100;w=21600} and {@code ratelimit-remaining: 76;w=21600}: so many of so many are left, in a
 * window of six hours. Others send plain numbers, and {@code ratelimit-reset}: in so many seconds,
 * or, as GitLab does, at that second since 1970, all is allowed again. Others again, as GitHub
 * does, have {@code x-} before each name.
 *
 * @param limit how many requests it allows in a window
 * @param remaining how many of them are left
 * @param window how long that is
 * @param reset until when that is known; at the latest then more is allowed again
 * @see <a href="https://docs.docker.com/docker-hub/usage/pulls/">Docker Hub pull usage</a>
 * @see <a
 *     href="https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-06">RateLimit
 *     header fields for HTTP, draft 06</a>
 */
public record RateLimit(
    Optional<Long> limit,
    Optional<Long> remaining,
    Optional<Duration> window,
    Optional<Instant> reset) {

  private static final Pattern VALUE =
      Pattern.compile("\\s*(?<count>\\d{1,10})(?!\\d)(?:.*;\\s*w=(?<seconds>\\d{1,9})(?!\\d))?.*");

  /** A reset below it is a span, as no window lasts for 30 years; from it on it is a time. */
  private static final long FIRST_TIME = 1_000_000_000;

  /**
   * Reads the headers of an answer.
   *
   * @param header gives one by its name, or null
   * @param now when the answer came
   * @return empty where nothing is said of a limit, or no number
   */
  static Optional<RateLimit> parse(Function<String, @Nullable String> header, Instant now) {
    return parse("ratelimit-", header, now).or(() -> parse("x-ratelimit-", header, now));
  }

  private static Optional<RateLimit> parse(
      String prefix, Function<String, @Nullable String> header, Instant now) {
    Matcher allowed = value(header.apply(prefix + "limit"));
    Matcher left = value(header.apply(prefix + "remaining"));
    Optional<Duration> window =
        number(allowed, "seconds").or(() -> number(left, "seconds")).map(Duration::ofSeconds);
    Optional<Instant> reset =
        number(value(header.apply(prefix + "reset")), "count")
            .map(seconds ->
                seconds < FIRST_TIME ? now.plusSeconds(seconds) : Instant.ofEpochSecond(seconds))
            .filter(now::isBefore) // by a clock that differs from ours, maybe
            .or(() -> window.map(now::plus));
    RateLimit read = new RateLimit(number(allowed, "count"), number(left, "count"), window, reset);
    return read.saysNothing() ? Optional.empty() : Optional.of(read);
  }

  private static Matcher value(@Nullable String header) {
    return VALUE.matcher(header == null ? "" : header);
  }

  private static Optional<Long> number(Matcher value, String group) {
    return value.matches()
        ? Optional.ofNullable(value.group(group)).map(Long::valueOf)
        : Optional.empty();
  }

  private boolean saysNothing() {
    return limit.isEmpty() && remaining.isEmpty();
  }

  /** What is still known of it: once the window has passed, not what is left in it. */
  Optional<RateLimit> knownAt(Instant now) {
    if (reset.isEmpty() || now.isBefore(reset.get())) {
      return Optional.of(this);
    }
    RateLimit lasting = new RateLimit(limit, Optional.empty(), window, Optional.empty());
    return lasting.saysNothing() ? Optional.empty() : Optional.of(lasting);
  }
}
