package io.weir.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.util.CachingDateFormatter;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Writes an event as one line: time, level, the logger's last name, message, {@code key=value}
 * pairs. The stack of an exception follows in lines that begin with a space, as no event does.
 */
final class TextEncoder extends EncoderBase<ILoggingEvent> {

  private static final byte[] NOTHING = {};
  private static final int LINE_LENGTH_USUAL = 200;

  private final CachingDateFormatter time =
      new CachingDateFormatter(Logging.TIME_PATTERN, ZoneOffset.UTC);

  @Override
  public byte[] encode(ILoggingEvent event) {
    StringBuilder line =
        begin(
            time.format(event.getTimeStamp()), event.getLevel().toString(), event.getLoggerName());
    Escaping.line(line, event.getFormattedMessage());
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      pairs.forEach(pair -> append(line, pair));
    }
    line.append('\n');
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      append(line, "  ", thrown);
    }
    return line.toString().getBytes(UTF_8);
  }

  /** A line to its message. */
  static StringBuilder begin(String time, String level, String logger) {
    return new StringBuilder(LINE_LENGTH_USUAL)
        .append(time)
        .append(' ')
        .append(level)
        .append(level.length() < 5 ? "  " : " ")
        .append(shortName(logger))
        .append(": ");
  }

  private static void append(StringBuilder line, KeyValuePair pair) {
    line.append(' ');
    Escaping.value(line, pair.key);
    line.append('=');
    Escaping.value(line, String.valueOf(pair.value));
  }

  private static void append(StringBuilder lines, String prefix, IThrowableProxy thrown) {
    lines.append(prefix).append(thrown.getClassName());
    if (thrown.getMessage() != null) {
      Escaping.line(lines.append(": "), thrown.getMessage());
    }
    lines.append('\n');
    StackTraceElementProxy[] frames = thrown.getStackTraceElementProxyArray();
    int framesShown = frames.length - thrown.getCommonFrames();
    for (int i = 0; i < framesShown; i++) {
      lines.append("    ").append(frames[i].getSTEAsString()).append('\n');
    }
    for (IThrowableProxy suppressed : thrown.getSuppressed()) {
      append(lines, "  suppressed: ", suppressed);
    }
    if (thrown.getCause() != null && !thrown.isCyclic()) {
      append(lines, "  caused by: ", thrown.getCause());
    }
  }

  private static String shortName(String logger) {
    return logger.substring(logger.lastIndexOf('.') + 1);
  }

  @Override
  public byte @Nullable [] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte @Nullable [] footerBytes() {
    return NOTHING;
  }
}
