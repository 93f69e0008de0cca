package io.weir.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.util.CachingDateFormatter;
import java.time.ZoneOffset;

/**
 * Writes events of the access log as the JSON encoder would, with nothing between an entry and its
 * bytes: they are made on the event loops, and there may be tens of thousands a second.
 * Thread-safe.
 */
final class AccessJson extends EncoderBase<ILoggingEvent> {

  private static final byte[] NOTHING = {};

  private static final byte[] TIME = JsonLine.name("time");
  private static final byte[] MESSAGE = JsonLine.name("message");
  private static final byte[] LOGGER = JsonLine.name("logger");
  private static final byte[] LEVEL = JsonLine.name("level");

  private final ThreadLocal<JsonLine> lines = ThreadLocal.withInitial(JsonLine::new);
  private final CachingDateFormatter time =
      new CachingDateFormatter(Logging.TIME_PATTERN, ZoneOffset.UTC);

  @Override
  public byte[] encode(ILoggingEvent event) {
    JsonLine line =
        lines
            .get()
            .begin()
            .text(TIME, time.format(event.getTimeStamp()))
            .text(MESSAGE, event.getMessage())
            .text(LOGGER, event.getLoggerName())
            .text(LEVEL, event.getLevel().toString());
    AccessEntry entry = AccessEntry.of(event);
    if (entry != null) {
      entry.appendTo(line);
    }
    return line.end();
  }

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }
}
