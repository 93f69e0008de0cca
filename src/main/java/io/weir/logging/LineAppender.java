package io.weir.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;

/** Makes lines of events, on the thread that brings them. */
final class LineAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {

  private final Encoder<ILoggingEvent> encoder;
  private final Lines lines;

  LineAppender(Encoder<ILoggingEvent> encoder, Lines lines) {
    this.encoder = encoder;
    this.lines = lines;
  }

  @Override
  protected void append(ILoggingEvent event) {
    lines.add(encoder.encode(event));
  }
}
