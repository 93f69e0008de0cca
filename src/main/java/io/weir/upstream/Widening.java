package io.weir.upstream;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Finds out whether more connections at once bring more bytes from an upstream: a content delivery
 * network often limits each connection, where a slow line limits all of them together.
 *
 * <p>It tries. The bytes that come over the connections that are open anyway are measured; then up
 * to four times as many are allowed, and measured again. Where they bring half as much again, they
 * stay, and four times as many are tried, up to the limit. Where none of that helped, none is
 * allowed for a while. What was found out is believed for half an hour. States:
 *
 * <pre>
 * WARMING ──► MEASURING ──more are allowed──► SETTLING ──► TRYING ──no more come──► ALLOWED
 *    ▲                                           ▲           │                         │
 *    │                                           └──worth it─┤                         │
 *    └───a while later─── REFUSED ◄────────not worth it──────┴─────half an hour later──┘
 * </pre>
 *
 * Each state lasts a {@link #WINDOW} or longer; the first one after connections were opened is not
 * measured, because TCP begins slowly. Only time in which a connection is open counts; where there
 * was little to see, it begins again. Thread-safe.
 */
final class Widening {

  /** How long is measured: some round trips, and some pieces of each connection. */
  static final Duration WINDOW = Duration.ofMillis(250);

  /** How long a refusal holds, and how long a finding. */
  static final Duration REFUSED_FOR = Duration.ofSeconds(30);

  static final Duration ALLOWED_FOR = Duration.ofMinutes(30);

  /** To how many times the connections it goes at once: a trial takes long beside a layer. */
  private static final int STEP = 4;

  /** Twice the connections, and more, have to bring so much more; fewer in proportion. */
  private static final double HOPE = 0.5;

  /** So many more connections are enough to tell a difference. */
  private static final double TELLING = 1.2;

  /** A connection that brings a gigabit a second is not what holds anybody up. */
  private static final double FAST_BYTES_PER_SECOND = 125e6;

  /** Who has less than this to bring at the present speed is done before it would help. */
  private static final double WORTHWHILE_SECONDS = 1;

  private enum State {
    WARMING,
    MEASURING,
    SETTLING,
    TRYING,
    ALLOWED,
    REFUSED
  }

  /** What a window showed: connections on average, and bytes a second over all of them. */
  private record Sample(double connections, double bytesPerSecond) {}

  private final int connectionsMax;
  private final LongSupplier nanoTime;

  // Guarded by this:
  private State state = State.WARMING;
  private long stateBeganNanos;
  private Sample before = new Sample(0, 0);
  private boolean hasHelped;
  private int useful; // as many connections as bring more
  private int allowed;
  private int open;
  private long openSinceNanos;
  private double connectionNanos;
  private long busyNanos;
  private long bytes;

  /**
   * @param connectionsMax how many connections there may be at most
   * @param nanoTime as {@link System#nanoTime}
   */
  Widening(int connectionsMax, LongSupplier nanoTime) {
    this.connectionsMax = connectionsMax;
    this.nanoTime = nanoTime;
    this.stateBeganNanos = nanoTime.getAsLong();
  }

  /** A blob's body begins to arrive. */
  synchronized void opened() {
    account();
    if (open == 0 && state == State.MEASURING) {
      enter(State.WARMING);
    }
    open++;
  }

  /** It has ended. */
  synchronized void closed() {
    account();
    open--;
  }

  /** Bytes of a blob have come. */
  synchronized void received(int count) {
    bytes += count;
  }

  /** Whether more connections are known to bring more. */
  synchronized boolean isAllowed() {
    return state == State.ALLOWED;
  }

  /**
   * Whether one more connection is welcome now.
   *
   * @param missingBytes how much the asker still has to bring
   */
  synchronized boolean welcomes(long missingBytes) {
    account();
    long stateNanos = nanoTime.getAsLong() - stateBeganNanos;
    if (stateNanos >= duration().toNanos()) {
      leave();
    }
    double each = before.bytesPerSecond() / Math.max(1, before.connections());
    return open < allowed && missingBytes > each * WORTHWHILE_SECONDS;
  }

  private Duration duration() {
    return switch (state) {
      case WARMING, MEASURING, SETTLING, TRYING -> WINDOW;
      case ALLOWED -> ALLOWED_FOR;
      case REFUSED -> REFUSED_FOR;
    };
  }

  /** The time of the state is over. */
  private void leave() {
    if (busyNanos < WINDOW.toNanos() / 2 || bytes == 0) {
      enter(State.WARMING); // there was little to see
      return;
    }
    switch (state) {
      case WARMING -> enter(State.MEASURING);
      case MEASURING -> measured(sample());
      case SETTLING -> enter(State.TRYING);
      case TRYING -> tried(sample());
      case ALLOWED -> enter(State.REFUSED); // until those beside have ended
      case REFUSED -> enter(State.WARMING);
    }
  }

  private void measured(Sample sample) {
    before = sample;
    hasHelped = false;
    useful = connectionsMax;
    boolean isFast = sample.bytesPerSecond() > FAST_BYTES_PER_SECOND * sample.connections();
    boolean isRoomToTry = sample.connections() * TELLING <= connectionsMax;
    enter(isFast ? State.REFUSED : isRoomToTry ? State.SETTLING : State.WARMING);
  }

  private void tried(Sample now) {
    double hoped = Math.min(1, now.connections() / before.connections() - 1);
    double came = now.bytesPerSecond() / before.bytesPerSecond() - 1;
    if (now.connections() < before.connections() * TELLING) {
      enter(hasHelped ? State.ALLOWED : State.WARMING); // too few have come to tell
    } else if (came < hoped * HOPE) {
      useful = (int) Math.ceil(before.connections());
      enter(hasHelped ? State.ALLOWED : State.REFUSED);
    } else {
      before = now;
      hasHelped = true;
      enter(allowed < connectionsMax ? State.SETTLING : State.ALLOWED);
    }
  }

  private void enter(State next) {
    state = next;
    allowed =
        switch (next) {
          case WARMING, MEASURING, REFUSED -> 0;
          case SETTLING -> (int) Math.min(connectionsMax, Math.ceil(STEP * before.connections()));
          case TRYING -> allowed;
          case ALLOWED -> useful;
        };
    stateBeganNanos = nanoTime.getAsLong();
    connectionNanos = 0;
    busyNanos = 0;
    bytes = 0;
  }

  private Sample sample() {
    return new Sample(connectionNanos / busyNanos, bytes * 1e9 / busyNanos);
  }

  /** Counts the time since the last change. */
  private void account() {
    long now = nanoTime.getAsLong();
    long since = now - Math.max(openSinceNanos, stateBeganNanos);
    if (open > 0 && since > 0) {
      connectionNanos += (double) since * open;
      busyNanos += since;
    }
    openSinceNanos = now;
  }
}
