package io.weir.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as users write them: a number and one unit, such as {@code 30s}; zero needs no unit.
 */
final class Durations {

  static final String PATTERN = "^[0-9]{1,9}(ms|s|m|h|d)$";

  /** A hundred years: added to any time of this era it does not overflow. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  /** Some timers of the libraries below count milliseconds in an int, which ends after 24 days. */
  private static final Duration LONGEST_LIMIT = Duration.ofDays(1);

  private static final Pattern GRAMMAR =
      Pattern.compile("(?<amount>[0-9]{1,9})(?<unit>[a-z]{1,2})");

  private Durations() {}

  /**
   * Parses a duration of at most a hundred years.
   *
   * @throws IllegalArgumentException where the text is none
   */
  static Duration parse(String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    Matcher matcher = GRAMMAR.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException();
    }
    long amount = Long.parseLong(matcher.group("amount"));
    Duration duration =
        switch (matcher.group("unit")) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          case "h" -> Duration.ofHours(amount);
          case "d" -> Duration.ofDays(amount);
          default -> throw new IllegalArgumentException();
        };
    if (duration.compareTo(LONGEST) > 0) {
      throw new Expected("a duration of at most 36500d");
    }
    return duration;
  }

  /**
   * Parses the time limit of something that is waited for: more than nothing, a day at most.
   *
   * @throws IllegalArgumentException where the text is none
   */
  static Duration parseLimit(String text) {
    Duration limit = parse(text);
    if (limit.isZero() || limit.compareTo(LONGEST_LIMIT) > 0) {
      throw new IllegalArgumentException();
    }
    return limit;
  }

  /** The shortest form that {@link #parse} reads as the same duration. */
  static String print(Duration duration) {
    long millis = duration.toMillis();
    if (millis == 0) {
      return "0";
    }
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds % 3600 == 0) {
      return seconds / 3600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }
}
