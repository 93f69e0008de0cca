package io.weir.integrity;

import io.weir.config.Config;
import io.weir.oci.Digest;
import io.weir.oci.OciException;
import io.weir.store.Inventory;
import io.weir.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One pass after the other, as often and as fast as the configuration says. Where it stands is
 * noted in the index, so that a pass of weeks goes on where a restart cut it. Used by one thread,
 * but for {@link #use} and {@link #close}.
 */
final class Schedule implements AutoCloseable {

  private static final String NOTE = "scrub";
  private static final Duration NOTE_PERIOD = Duration.ofMinutes(1);
  private static final long NOTE_BYTES = 1L << 30;

  /** It looks at the clock at least so often: that may be set. */
  private static final Duration PAUSE_MAX = Duration.ofHours(1);

  /**
   * Where it stands.
   *
   * @param begunAt when the last pass began
   * @param after the last digest that it looked at; null for none
   * @param isDone whether it came to the end
   * @param found what it has found until then
   */
  private record Position(
      Instant begunAt, @Nullable Digest after, boolean isDone, ScrubCounts found) {

    private static final String BEGINNING = "beginning";
    private static final String END = "end";

    /** Reads what {@link #toString} wrote; null where it is nothing of that kind. */
    static @Nullable Position parse(String text) {
      List<String> words = List.of(text.split(" ", -1));
      if (words.size() < 2) {
        return null;
      }
      try {
        Instant begunAt = Instant.ofEpochMilli(Long.parseLong(words.getFirst()));
        // A position from before there were counts has none.
        ScrubCounts found =
            ScrubCounts.parse(words.subList(2, words.size())).orElse(ScrubCounts.NONE);
        return switch (words.get(1)) {
          case BEGINNING -> new Position(begunAt, null, false, found);
          case END -> new Position(begunAt, null, true, found);
          case String digest -> new Position(begunAt, Digest.parse(digest), false, found);
        };
      } catch (NumberFormatException | OciException e) {
        return null;
      }
    }

    @Override
    public String toString() {
      String place = isDone ? END : after == null ? BEGINNING : after.toString();
      return begunAt.toEpochMilli() + " " + place + " " + found;
    }
  }

  private final Store store;
  private final Damages damages;
  private final Repair repair;
  private final InstantSource clock;
  private final Stopwatch stopwatch;
  private volatile Config.Scrub config;
  private volatile ScrubProgress current = new ScrubProgress();
  private volatile boolean isClosed;

  Schedule(
      Config.Scrub config,
      Store store,
      Damages damages,
      Repair repair,
      InstantSource clock,
      Stopwatch stopwatch) {
    this.config = config;
    this.store = store;
    this.damages = damages;
    this.repair = repair;
    this.clock = clock;
    this.stopwatch = stopwatch;
  }

  /** Goes on by another configuration, also a pass that is under way. */
  void use(Config.Scrub config) {
    this.config = config;
    if (config.interval().isZero()) {
      current.cancel();
    }
  }

  /** Ends the pass that is under way, to be gone on with after the next start. */
  @Override
  public void close() {
    isClosed = true;
    current.cancel();
  }

  /** In how much time {@link #runPass} is to be called; zero where it is time. */
  Duration pause() {
    Duration interval = config.interval();
    if (interval.isZero()) {
      return PAUSE_MAX;
    }
    Position position = position();
    if (position == null || !position.isDone()) {
      return Duration.ZERO;
    }
    Instant now = clock.instant();
    Instant due = position.begunAt().plus(interval);
    // A beginning in the future: the clock has been set back, and nobody knows how far.
    boolean isDue = !now.isBefore(due) || now.isBefore(position.begunAt());
    if (isDue) {
      return Duration.ZERO;
    }
    Duration left = Duration.between(now, due);
    return left.compareTo(PAUSE_MAX) < 0 ? left : PAUSE_MAX;
  }

  private @Nullable Position position() {
    Inventory inventory = store.inventory();
    store.index().flush();
    return inventory.note(NOTE).map(Position::parse).orElse(null);
  }

  /**
   * Goes on with the pass that was cut, or begins another. What is damaged is fetched anew.
   *
   * @return what it found since then; empty where it is not its time
   */
  Optional<ScrubResult> runPass() {
    ScrubProgress progress = new ScrubProgress();
    current = progress;
    if (isClosed || !pause().isZero()) {
      return Optional.empty();
    }
    Position last = position();
    Position from =
        last == null || last.isDone()
            ? new Position(clock.instant(), null, false, ScrubCounts.NONE)
            : last;
    Bandwidth bandwidth = new Bandwidth(() -> config.bytesPerSecond(), stopwatch);
    Mending mending = new Mending(repair, progress.cancellation());
    Pass pass = new Pass(store, damages, mending, bandwidth, progress);
    Noting noting = new Noting(from, pass, progress);
    noting.note(false);
    boolean isComplete = pass.run(from.after(), noting::looked);
    noting.note(isComplete);
    return Optional.of(
        new ScrubResult(
            clock.instant(),
            progress.bytes(),
            progress.blobs(),
            pass.damaged(),
            pass.missing(),
            isComplete,
            noting.found()));
  }

  /** Notes now and then how far a pass is. */
  private final class Noting {

    private final Position from;
    private final Pass pass;
    private final ScrubProgress progress;
    private @Nullable Digest after;
    private long notedNanos = stopwatch.nanos();
    private long notedBytes;

    Noting(Position from, Pass pass, ScrubProgress progress) {
      this.from = from;
      this.pass = pass;
      this.progress = progress;
      this.after = from.after();
    }

    /** All that the pass has found, also before a restart. */
    ScrubCounts found() {
      return from.found().plus(pass.counts());
    }

    void looked(Digest digest) {
      after = digest;
      if (stopwatch.nanos() - notedNanos >= NOTE_PERIOD.toNanos()
          || progress.bytes() - notedBytes >= NOTE_BYTES) {
        note(false);
      }
    }

    void note(boolean isDone) {
      notedNanos = stopwatch.nanos();
      notedBytes = progress.bytes();
      Position position = new Position(from.begunAt(), after, isDone, found());
      store.inventory().putNote(NOTE, position.toString());
    }
  }
}
