package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Connections to an upstream of which each, or all together, are limited; time is the test's. */
class WideningTest {

  private static final long MANY_BYTES = 1L << 40;
  private static final int MAX = 12;

  private static final Duration STEP = Duration.ofMillis(10);

  private long nanos;
  private final Widening widening = new Widening(MAX, () -> nanos);

  /** Connections of fetches, and those that were opened beside them. */
  private int own;

  private int beside;
  private int besideMax = Integer.MAX_VALUE;

  /** Bytes a second for each connection, and for all of them. */
  private long eachMax = Long.MAX_VALUE;

  private long allMax = Long.MAX_VALUE;

  private void fetches(int count) {
    for (; own < count; own++) {
      widening.opened();
    }
    for (; own > count; own--) {
      widening.closed();
    }
  }

  /**
   * Lets time pass: bytes come, one part in 20 steps is complete, and parts begin where they are
   * welcome.
   */
  private void pass(Duration duration) {
    for (long step = 1; step <= duration.dividedBy(STEP); step++) {
      nanos += STEP.toNanos();
      int open = own + beside;
      long speed = open == 0 ? 0 : Math.min(allMax, Math.multiplyExact(open, eachMax));
      widening.received((int) (speed * STEP.toMillis() / 1000));
      if (step % 20 == 0 && beside > 0) {
        widening.closed();
        beside--;
      }
      while (own > 0 && beside < besideMax && widening.welcomes(MANY_BYTES)) {
        widening.opened();
        beside++;
      }
    }
  }

  private static Duration windows(double count) {
    return Duration.ofNanos((long) (Widening.WINDOW.toNanos() * count));
  }

  @Test
  void whereEachConnectionIsLimitedThereAreSoonAsManyAsMayBe() {
    eachMax = 6_000_000;
    fetches(1);
    pass(windows(1.9));
    assertThat(beside).as("at first it only looks").isZero();
    pass(windows(4));
    assertThat(own + beside).isEqualTo(MAX);
    pass(windows(8));
    assertThat(own + beside).isEqualTo(MAX);
    assertThat(widening.isAllowed()).isTrue();
  }

  /** One blob takes fewer connections than there may be: what helped it is kept all the same. */
  @Test
  void whatHelpedStaysWhereNoMoreConnectionsAreAskedFor() {
    eachMax = 6_000_000;
    besideMax = 3;
    fetches(1);
    pass(windows(20));
    assertThat(beside).isEqualTo(3);
    assertThat(widening.isAllowed()).isTrue();
  }

  @Test
  void whereTheLineIsLimitedItIsTriedOnceAndGivenUp() {
    eachMax = 100_000_000;
    allMax = 12_500_000;
    fetches(1);
    pass(windows(2.5));
    assertThat(beside).as("it tries").isEqualTo(3);
    pass(windows(4));
    pass(Widening.REFUSED_FOR.minusSeconds(2));
    assertThat(beside).as("and leaves it").isZero();
    pass(Duration.ofSeconds(2).plus(windows(1)));
    assertThat(beside).as("until later").isEqualTo(3);
  }

  @Test
  void aLineThatTakesTwiceAsMuchIsWorthMoreConnections() {
    eachMax = 6_000_000;
    allMax = 13_000_000;
    fetches(1);
    pass(windows(20));
    assertThat(widening.isAllowed()).isTrue();
    assertThat(own + beside).as("and no more than it was seen to take").isEqualTo(4);
  }

  @Test
  void manyFetchesOnOneLineAreNotTakenForSlowConnections() {
    eachMax = 100_000_000;
    allMax = 12_500_000;
    fetches(8);
    pass(Duration.ofSeconds(10));
    assertThat(beside).isZero();
    assertThat(widening.isAllowed()).isFalse();
  }

  @Test
  void whatWasFoundOutIsForgottenAfterHalfAnHour() {
    eachMax = 6_000_000;
    fetches(1);
    pass(Duration.ofSeconds(10));
    assertThat(own + beside).isEqualTo(MAX);
    eachMax = 100_000_000;
    allMax = 12_500_000;
    pass(Widening.ALLOWED_FOR);
    pass(Widening.REFUSED_FOR);
    pass(Duration.ofSeconds(10));
    assertThat(beside).isZero();
  }

  @Test
  void aFastConnectionIsLeftAlone() {
    eachMax = 200_000_000;
    fetches(1);
    pass(Duration.ofSeconds(10));
    assertThat(beside).isZero();
  }

  @Test
  void whoIsNearlyDoneDoesNotAsk() {
    eachMax = 6_000_000;
    fetches(1);
    pass(windows(1.9));
    nanos += Widening.WINDOW.toNanos();
    assertThat(widening.welcomes(2_000_000)).isFalse();
    assertThat(widening.welcomes(MANY_BYTES)).isTrue();
  }

  @Test
  void withoutConnectionsNothingIsConcluded() {
    pass(Duration.ofMinutes(1));
    eachMax = 6_000_000;
    fetches(1);
    pass(windows(1.5));
    assertThat(beside).isZero();
    pass(Duration.ofSeconds(6));
    assertThat(own + beside).isEqualTo(MAX);
  }
}
