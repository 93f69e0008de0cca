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
    add(clock.millis(), entry);
  }

  abstract void add(long millis, AccessEntry entry);

  final String text(long millis) {
    return time.format(millis);
  }

  final Lines lines() {
    return lines;
  }

  @Override
  public long lostLines() {
    return lines.lostEver();
  }

  private static final class Text extends AccessLines {

    Text(Lines lines, InstantSource clock) {
      super(lines, clock);
    }

    @Override
    void add(long millis, AccessEntry entry) {
      StringBuilder line = TextEncoder.begin(text(millis), LEVEL, LOGGER);
      entry.appendTo(line);
      lines().add(line.append('\n').toString().getBytes(UTF_8));
    }
  }

  private static final class Json extends AccessLines {

    private static final byte[] TIME = JsonLine.name("time");
    private static final byte[] MESSAGE_NAME = JsonLine.name("message");
    private static final byte[] LOGGER_NAME = JsonLine.name("logger");
    private static final byte[] LEVEL_NAME = JsonLine.name("level");

    private final ThreadLocal<Writing> ofThread = ThreadLocal.withInitial(Writing::new);

    Json(Lines lines, InstantSource clock) {
      super(lines, clock);
    }

    @Override
    void add(long millis, AccessEntry entry) {
      ofThread.get().add(millis, entry);
    }

    /** One thread's lines: what is in many of them is written once. */
    private final class Writing {

      private final JsonLine line = new JsonLine();
      private final Subjects subjects = new Subjects();
      private byte[] beginning = {};
      private long beginningMillis = -1;

      void add(long millis, AccessEntry entry) {
        if (millis != beginningMillis) {
          beginning = beginning(text(millis));
          beginningMillis = millis;
        }
        line.begin().all(beginning).all(subjects.membersOf(entry));
        entry.appendOutcomeTo(line);
        line.endIn(lines());
      }

      private byte[] beginning(String time) {
        return line.begin()
            .text(TIME, time)
            .text(MESSAGE_NAME, MESSAGE)
            .text(LOGGER_NAME, LOGGER)
            .text(LEVEL_NAME, LEVEL)
            .members();
      }
    }
  }
}
