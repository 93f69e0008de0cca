package io.weir.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log said lately, from INFO on, for those who look at the server and not at its log; the
 * access log is no part of it. Thread-safe.
 */
public final class RecentLog implements AutoCloseable {

  private static final int KEPT_MAX = 500;

  private final ch.qos.logback.classic.Logger root;
  private final Kept kept = new Kept();

  private RecentLog(LoggerContext context) {
    this.root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    kept.setContext(context);
    kept.start();
    root.addAppender(kept);
  }

  /** Keeps what is logged from now on. */
  public static RecentLog begin() {
    return new RecentLog((LoggerContext) LoggerFactory.getILoggerFactory());
  }

  /**
   * What was logged after a line, the oldest first.
   *
   * @param id that line's; 0 for all
   * @param max how many at most: the newest ones
   */
  public List<LogLine> after(long id, int max) {
    return kept.after(id, max);
  }

  @Override
  public void close() {
    root.detachAppender(kept);
    kept.stop();
  }

  private static final class Kept extends AppenderBase<ILoggingEvent> {

    @GuardedBy("lines") private final Deque<LogLine> lines = new ArrayDeque<>();

    @GuardedBy("lines") private long lastId;

    @Override
    protected void append(ILoggingEvent event) {
      if (!event.getLevel().isGreaterOrEqual(Level.INFO)) {
        return;
      }
      synchronized (lines) {
        lastId++;
        lines.addLast(
            new LogLine(
                lastId,
                event.getInstant(),
                event.getLevel().toString(),
                event.getLoggerName(),
                event.getFormattedMessage(),
                fields(event)));
        if (lines.size() > KEPT_MAX) {
          lines.removeFirst();
        }
      }
    }

    private static Map<String, String> fields(ILoggingEvent event) {
      Map<String, String> fields = new LinkedHashMap<>();
      if (event.getKeyValuePairs() != null) {
        event.getKeyValuePairs().forEach(pair -> fields.put(pair.key, String.valueOf(pair.value)));
      }
      if (event.getThrowableProxy() != null) {
        fields.put(
            "exception",
            event.getThrowableProxy().getClassName()
                + ": "
                + event.getThrowableProxy().getMessage());
      }
      return fields;
    }

    List<LogLine> after(long id, int max) {
      synchronized (lines) {
        List<LogLine> later = lines.stream().filter(line -> line.id() > id).toList();
        return List.copyOf(later.subList(Math.max(0, later.size() - max), later.size()));
      }
    }
  }
}
