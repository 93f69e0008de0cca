package io.weir.store;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The clock that last pulls are stamped with. It runs with the machine's uptime and never jumps, so
 * that nothing looks old because somebody, or a machine without a battery, set the time.
 *
 * <p>Across a restart of the process it goes on by the uptime that passed; across one of the
 * machine, by what the machine's clock says, but never backwards. Its readings are milliseconds,
 * near those since the epoch, and only differences mean anything. Thread-safe.
 */
final class SteadyClock {

  /**
   * Where the clock stood, to go on from after a restart.
   *
   * @param millis its reading
   * @param boot the run of the machine in which it was read
   * @param uptimeMillis how long that had lasted
   * @param wallMillis what the machine's clock said
   */
  record Mark(long millis, String boot, long uptimeMillis, long wallMillis) {

    /**
     * Reads what {@link #toString} wrote.
     *
     * @return null where {@code text} is null or nothing of that kind
     */
    static @Nullable Mark parse(@Nullable String text) {
      String[] parts = text == null ? new String[0] : text.split(" ", -1);
      try {
        return parts.length != 4
            ? null
            : new Mark(
                Long.parseLong(parts[0]),
                parts[1],
                Long.parseLong(parts[2]),
                Long.parseLong(parts[3]));
      } catch (NumberFormatException e) {
        return null;
      }
    }

    @Override
    public String toString() {
      return millis + " " + boot + " " + uptimeMillis + " " + wallMillis;
    }
  }

  private final InstantSource wall;
  private final Uptime uptime;
  private final AtomicBoolean isResumed = new AtomicBoolean();
  private volatile long offsetMillis;

  /** A clock that begins with the machine's. */
  SteadyClock(InstantSource wall, Uptime uptime) {
    this.wall = wall;
    this.uptime = uptime;
    this.offsetMillis = wall.millis() - uptimeMillis();
  }

  /** Goes on from where it stood when an earlier process ended. Only the first call counts. */
  void resume(Mark last) {
    if (!isResumed.compareAndSet(false, true)) {
      return;
    }
    long passed =
        last.boot().equals(uptime.boot()) && !last.boot().isEmpty()
            ? uptimeMillis() - last.uptimeMillis()
            : wall.millis() - last.wallMillis();
    offsetMillis = last.millis() + Math.max(0, passed) - uptimeMillis();
  }

  private long uptimeMillis() {
    return uptime.elapsed().toMillis();
  }

  /** What it reads now, in milliseconds. */
  long millis() {
    return offsetMillis + uptimeMillis();
  }

  /** How long ago it read {@code millis}. */
  Duration since(long millis) {
    return Duration.ofMillis(Math.max(0, millis() - millis));
  }

  /** Where it stands. */
  Mark mark() {
    return new Mark(millis(), uptime.boot(), uptimeMillis(), wall.millis());
  }
}
