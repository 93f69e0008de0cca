package io.weir.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.core.util.CachingDateFormatter;
import java.time.InstantSource;
import java.time.ZoneOffset;

/**
 * The access log among the lines of the process's log. There may be tens of thousands a second, so
 * they are made on the threads that answer, at once, with no event and no queue of the logging
 * library in between; they look as if it had made them.
 */
abstract sealed class AccessLines implements AccessLog {

  /** What stands where others have the name of their class. */
  private static final String LOGGER = "weir.access";

  private static final String LEVEL = "INFO";
  private static final String MESSAGE = "request";

  private final Lines lines;
  private final InstantSource clock;
  private final CachingDateFormatter time =
      new CachingDateFormatter(Logging.TIME_PATTERN, ZoneOffset.UTC);

  private AccessLines(Lines lines, InstantSource clock) {
    this.lines = lines;
    this.clock = clock;
  }

  /**
   * An access log in a format.
   *
   * @param clock when an answer has ended
   */
  static AccessLog of(LogFormat format, Lines lines, InstantSource clock) {
    return switch (format) {
      case TEXT -> new Text(lines, clock);
      case JSON -> new Json(lines, clock);
    };
  }

  @Override
  public boolean isOn() {
    return true;
  }

  @Override
  public void write(AccessEntry entry) {
    add(time.format(clock.millis()), entry, lines);
  }

  abstract void add(String time, AccessEntry entry, Lines lines);

  @Override
  public long lostLines() {
    return lines.lostEver();
  }

  private static final class Text extends AccessLines {

    Text(Lines lines, InstantSource clock) {
      super(lines, clock);
    }

    @Override
    void add(String time, AccessEntry entry, Lines lines) {
      StringBuilder line = TextEncoder.begin(time, LEVEL, LOGGER);
      entry.appendTo(line);
      lines.add(line.append('\n').toString().getBytes(UTF_8));
    }
  }

  private static final class Json extends AccessLines {

    private static final byte[] TIME = JsonLine.name("time");
    private static final byte[] SAME =
        new JsonLine()
            .begin()
            .text(JsonLine.name("message"), MESSAGE)
            .text(JsonLine.name("logger"), LOGGER)
            .text(JsonLine.name("level"), LEVEL)
            .members();

    private final ThreadLocal<JsonLine> ofThread = ThreadLocal.withInitial(JsonLine::new);

    Json(Lines lines, InstantSource clock) {
      super(lines, clock);
    }

    @Override
    void add(String time, AccessEntry entry, Lines lines) {
      JsonLine line = ofThread.get().begin().text(TIME, time).all(SAME);
      entry.appendTo(line);
      line.endIn(lines);
    }
  }
}
