package io.weir.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;

/** Makes a line of each event on the thread that logs it. */
final class LineAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {

  private final Encoder<ILoggingEvent> encoder;
  private final Lines lines;

  /**
   * Appends to {@code lines}.
   *
   * @param encoder can be used by several threads at once
   */
  LineAppender(Encoder<ILoggingEvent> encoder, Lines lines) {
    this.encoder = encoder;
    this.lines = lines;
  }

  @Override
  protected void append(ILoggingEvent event) {
    lines.add(encoder.encode(event));
  }
}
