package io.weir.logging;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import net.logstash.logback.encoder.LogstashEncoder;
import net.logstash.logback.fieldnames.LogstashFieldNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of the process: to standard error, through a queue, so that no thread that moves bytes
 * waits for whoever reads it. Where the queue is full, events are lost rather than pulls held up.
 */
public final class Logging implements AutoCloseable {

  private static final int EVENTS_QUEUED_MAX = 8192;
  private static final int FLUSH_MILLIS_MAX = 2000;

  private final LoggerContext context;

  private Logging(LoggerContext context) {
    this.context = context;
  }

  /** For what runs before {@link #start}: nothing below a warning is written. */
  public static void hold() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
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

    AsyncAppender queue = new AsyncAppender();
    OutputStreamAppender<ILoggingEvent> console = new OutputStreamAppender<>();
    console.setContext(context);
    console.setEncoder(new DeferredEncoder(() -> encoder(format, context)));
    console.setImmediateFlush(false);
    console.setOutputStream(
        new BatchedOutput(
            new FileOutputStream(FileDescriptor.err), queue::getNumberOfElementsInQueue));
    console.start();

    queue.setContext(context);
    queue.setQueueSize(EVENTS_QUEUED_MAX);
    queue.setDiscardingThreshold(0);
    queue.setNeverBlock(true);
    queue.setMaxFlushTime(FLUSH_MILLIS_MAX);
    queue.addAppender(console);
    queue.start();

    Level own = Level.convertAnSLF4JLevel(level);
    Level libraries = own.isGreaterOrEqual(Level.WARN) ? own : Level.WARN;
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(libraries);
    context.getLogger("io.weir").setLevel(own);
    context.getLogger("weir").setLevel(own);
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(queue);
    return new Logging(context);
  }

  /** Writes what is queued, and stops. */
  @Override
  public void close() {
    context.stop();
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
    encoder.setIncludeMdc(false);
    return encoder;
  }
}
