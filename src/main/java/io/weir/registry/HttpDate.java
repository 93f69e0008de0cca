package io.weir.registry;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * The Date header's value, formatted once a second. Thread-safe: a race formats twice, to the same
 * effect.
 */
final class HttpDate {

  private record Second(long epochSecond, String text) {}

  private final InstantSource clock;
  private volatile Second last = new Second(-1, "");

  HttpDate(InstantSource clock) {
    this.clock = clock;
  }

  /** The current time as RFC 9110, section 5.6.7 wants it. */
  String now() {
    Instant now = clock.instant();
    Second second = last;
    if (second.epochSecond() != now.getEpochSecond()) {
      second =
          new Second(
              now.getEpochSecond(),
              DateTimeFormatter.RFC_1123_DATE_TIME.format(now.atOffset(ZoneOffset.UTC)));
      last = second;
    }
    return second.text();
  }
}
