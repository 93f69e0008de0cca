package io.weir.logging;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.time.InstantSource;
import net.logstash.logback.encoder.LogstashEncoder;
import net.logstash.logback.fieldnames.LogstashFieldNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of the process: to standard error, through memory, so that no thread that moves bytes
 * waits for whoever reads it. Where there is no room, lines are lost rather than pulls held up.
 *
 * <p>Events are made into lines on a thread of their own, {@code AsyncAppender-Worker-…}, those of
 * the {@linkplain AccessLog access log}, which are many and cheap, where they arise; {@link Lines}
 * brings all out.
 */
public final class Logging implements AutoCloseable {

  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(Logging.class);

  /** When something was, in UTC and milliseconds, in all formats. */
  static final String TIME_PATTERN = "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'";

  private static final int LINES_BYTES_MAX = 8 << 20;
  private static final int EVENTS_QUEUED_MAX = 8192;

  /** No limit: what makes lines of events waits for nobody, see {@link Lines}. */
  private static final int FLUSH_MILLIS_MAX = 0;

  private final LoggerContext context;
  private final Lines lines;
  private final AccessLog accessLog;

  private Logging(LoggerContext context, Lines lines, AccessLog accessLog) {
    this.context = context;
    this.lines = lines;
    this.accessLog = accessLog;
  }

  /**
   * For what runs before {@link #start}, or without it: nothing below a level is written.
   *
   * @param level error for a command that says itself what it found
   */
  public static void hold(org.slf4j.event.Level level) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.convertAnSLF4JLevel(level));
  }

  /**
   * Starts the log, in place of whatever was set up before.
   *
   * @param level what of the server's own events is written; of the libraries only warnings are,
   *     and what is worse
   */
  public static Logging start(LogFormat format, org.slf4j.event.Level level) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();

    Lines lines =
        new Lines(
            new FileOutputStream(FileDescriptor.err).getChannel(),
            LINES_BYTES_MAX,
            lost -> LOG.warn("{} lines of the log were lost: its reader is too slow", lost));

    AsyncAppender queue = new AsyncAppender();
    queue.setContext(context);
    queue.setQueueSize(EVENTS_QUEUED_MAX);
    queue.setDiscardingThreshold(0);
    queue.setNeverBlock(true);
    queue.setMaxFlushTime(FLUSH_MILLIS_MAX);
    LineAppender appender =
        new LineAppender(new DeferredEncoder(() -> encoder(format, context)), lines);
    appender.setContext(context);
    appender.start();
    queue.addAppender(appender);
    queue.start();

    Level own = Level.convertAnSLF4JLevel(level);
    Level libraries = own.isGreaterOrEqual(Level.WARN) ? own : Level.WARN;
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(libraries);
    context.getLogger("io.weir").setLevel(own);
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(queue);

    boolean isAccessWanted = Level.INFO.isGreaterOrEqual(own);
    return new Logging(
        context,
        lines,
        isAccessWanted ? AccessLines.of(format, lines, InstantSource.system()) : AccessLog.NONE);
  }

  /** Where answers are written down: as information, so where the level lets that through. */
  public AccessLog accessLog() {
    return accessLog;
  }

  /** Writes what is queued, and stops. */
  @Override
  public void close() {
    context.stop();
    lines.close();
  }

  static Encoder<ILoggingEvent> encoder(LogFormat format, LoggerContext context) {
    Encoder<ILoggingEvent> encoder =
        switch (format) {
          case TEXT -> new TextEncoder();
          case JSON -> jsonEncoder();
        };
    encoder.setContext(context);
    encoder.start();
    return encoder;
  }

  private static LogstashEncoder jsonEncoder() {
    LogstashFieldNames names = new LogstashFieldNames();
    names.setTimestamp("time");
    names.setLogger("logger");
    names.setThread(LogstashFieldNames.IGNORE_FIELD_INDICATOR);
    names.setLevelValue(LogstashFieldNames.IGNORE_FIELD_INDICATOR);
    names.setVersion(LogstashFieldNames.IGNORE_FIELD_INDICATOR);
    LogstashEncoder encoder = new LogstashEncoder();
    encoder.setFieldNames(names);
    encoder.setTimeZone("UTC");
    encoder.setTimestampPattern(TIME_PATTERN);
    encoder.setIncludeMdc(false);
    return encoder;
  }
}
