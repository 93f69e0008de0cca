package io.weir.upstream;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** The {@code Retry-After} header: seconds, a date, or (old Docker Hub) a Unix time. */
final class RetryAfter {

  /** What is assumed where an upstream asks for patience and does not say how much. */
  static final Duration DEFAULT = Duration.ofSeconds(10);

  private static final Duration MIN = Duration.ofSeconds(1);

  /** Longer waits are asked for by mistake more often than by intent. */
  private static final Duration MAX = Duration.ofHours(1);

  private static final long UNIX_TIME_MIN = 1_000_000_000;

  private RetryAfter() {}

  /** How long to wait from {@code now}: one second to one hour. */
  static Duration parse(@Nullable String header, Instant now) {
    if (header == null) {
      return DEFAULT;
    }
    Duration wait;
    try {
      wait = parseWait(header.strip(), now);
    } catch (DateTimeException | ArithmeticException e) {
      return DEFAULT;
    }
    return wait.compareTo(MIN) < 0 ? MIN : wait.compareTo(MAX) > 0 ? MAX : wait;
  }

  private static Duration parseWait(String text, Instant now) {
    if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      long number = text.length() > 15 ? Long.MAX_VALUE : Long.parseLong(text);
      boolean isUnixTime = number >= UNIX_TIME_MIN && number < Long.MAX_VALUE;
      return Duration.ofSeconds(isUnixTime ? number - now.getEpochSecond() : number);
    }
    return Duration.between(now, Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text)));
  }
}
