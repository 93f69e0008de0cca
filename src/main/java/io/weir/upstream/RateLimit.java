package io.weir.upstream;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an upstream says of its rate limit with an answer. Docker Hub sends {@code ratelimit-limit:
 * 100;w=21600} and {@code ratelimit-remaining: 76;w=21600}: so many of so many are left, in a
 * window of six hours.
 *
 * @param limit how many requests it allows in a window
 * @param remaining how many of them are left
 * @param window how long that is
 * @see <a href="https://docs.docker.com/docker-hub/usage/pulls/">Docker Hub pull usage</a>
 */
public record RateLimit(Optional<Long> limit, Optional<Long> remaining, Optional<Duration> window) {

  private static final Pattern VALUE =
      Pattern.compile("\\s*(?<count>\\d{1,9})(?!\\d)(?:.*;\\s*w=(?<seconds>\\d{1,9})(?!\\d))?.*");

  /**
   * Reads the two headers.
   *
   * @return empty where neither is there, or says a number
   */
  static Optional<RateLimit> parse(@Nullable String limit, @Nullable String remaining) {
    Matcher allowed = VALUE.matcher(limit == null ? "" : limit);
    Matcher left = VALUE.matcher(remaining == null ? "" : remaining);
    Optional<Long> window = number(allowed, "seconds").or(() -> number(left, "seconds"));
    RateLimit read =
        new RateLimit(
            number(allowed, "count"), number(left, "count"), window.map(Duration::ofSeconds));
    return read.limit.isEmpty() && read.remaining.isEmpty() ? Optional.empty() : Optional.of(read);
  }

  private static Optional<Long> number(Matcher value, String group) {
    return value.matches()
        ? Optional.ofNullable(value.group(group)).map(Long::valueOf)
        : Optional.empty();
  }
}
