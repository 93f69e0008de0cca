package io.weir.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.util.CachingDateFormatter;
import java.io.ByteArrayOutputStream;
import java.time.ZoneOffset;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes events of the access log as the JSON encoder would, with nothing between an entry and its
 * bytes: they are made on the event loops, and there may be tens of thousands a second.
 * Thread-safe.
 */
final class AccessJson extends EncoderBase<ILoggingEvent> {

  private static final byte[] NOTHING = {};
  private static final int LINE_BYTES_USUAL = 512;

  private final JsonFactory json = new JsonFactory();
  private final CachingDateFormatter time =
      new CachingDateFormatter(Logging.TIME_PATTERN, ZoneOffset.UTC);

  @Override
  public byte[] encode(ILoggingEvent event) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(LINE_BYTES_USUAL);
    try (JsonGenerator generator =
        json.createGenerator(ObjectWriteContext.empty(), line, JsonEncoding.UTF8)) {
      generator.writeStartObject();
      generator.writeStringProperty("time", time.format(event.getTimeStamp()));
      generator.writeStringProperty("message", event.getMessage());
      generator.writeStringProperty("logger", event.getLoggerName());
      generator.writeStringProperty("level", event.getLevel().toString());
      AccessEntry entry = AccessEntry.of(event);
      if (entry != null) {
        entry.writeTo(generator);
      }
      generator.writeEndObject();
      generator.writeRaw('\n');
    }
    return line.toByteArray();
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
