package io.weir.registry;

import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * The Date header's value, formatted once a second. Thread-safe: a race formats twice, to the same
 * effect.
 */
final class HttpDate {

  private record Second(long epochSecond, AsciiString text) {}

  private final InstantSource clock;
  private volatile Second last = new Second(-1, AsciiString.EMPTY_STRING);

  HttpDate(InstantSource clock) {
    this.clock = clock;
  }

  /** The current time as RFC 9110, section 5.6.7 wants it. */
  AsciiString now() {
    long now = Math.floorDiv(clock.millis(), 1000L);
    Second second = last;
    if (second.epochSecond() != now) {
      second =
          new Second(
              now,
              AsciiString.of(
                  DateTimeFormatter.RFC_1123_DATE_TIME.format(
                      Instant.ofEpochSecond(now).atOffset(ZoneOffset.UTC))));
      last = second;
    }
    return second.text();
  }
}
