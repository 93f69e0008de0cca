package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Connections to an upstream of which each, or all together, are limited; time is the test's. */
class WideningTest {

  private static final long MANY_BYTES = 1L << 40;
  private static final int MAX = 12;

  private long nanos;
  private final Widening widening = new Widening(MAX, () -> nanos);
  private int open;

  /** Bytes a second for each connection, and for all of them. */
  private long eachMax = Long.MAX_VALUE;

  private long allMax = Long.MAX_VALUE;

  private void open() {
    widening.opened();
    open++;
  }

  private void close() {
    widening.closed();
    open--;
  }

  /** Lets time pass, and opens what is welcome, as fetches do. */
  private void pass(Duration duration) {
    long end = nanos + duration.toNanos();
    while (nanos < end) {
      nanos += Duration.ofMillis(10).toNanos();
      long speed = open == 0 ? 0 : Math.min(allMax, Math.multiplyExact(open, eachMax));
      widening.received((int) (speed / 100));
      while (widening.welcomes(MANY_BYTES)) {
        open();
      }
    }
  }

  @Test
  void whereEachConnectionIsLimitedThereAreSoonAsManyAsMayBe() {
    eachMax = 6_000_000;
    open();
    pass(Duration.ofMillis(700));
    assertThat(open).as("at first it only looks").isEqualTo(1);
    pass(Duration.ofSeconds(5));
    assertThat(open).isEqualTo(MAX);
  }

  @Test
  void whereTheLineIsLimitedItIsTriedOnceAndGivenUp() {
    eachMax = 100_000_000;
    allMax = 12_500_000;
    open();
    pass(Duration.ofSeconds(1));
    assertThat(open).as("it tries").isEqualTo(2);
    pass(Duration.ofSeconds(1));
    close();
    pass(Duration.ofSeconds(20));
    assertThat(open).as("and leaves it").isEqualTo(1);
    pass(Duration.ofSeconds(15));
    assertThat(open).as("until later").isEqualTo(2);
  }

  @Test
  void manyFetchesOnOneLineAreNotTakenForSlowConnections() {
    eachMax = 100_000_000;
    allMax = 12_500_000;
    for (int i = 0; i < 8; i++) {
      open();
    }
    pass(Duration.ofSeconds(2));
    while (open > 8) {
      close();
    }
    pass(Duration.ofSeconds(10));
    assertThat(open).isEqualTo(8);
  }

  @Test
  void whatWasFoundOutIsForgottenAfterMinutes() {
    eachMax = 6_000_000;
    open();
    pass(Duration.ofSeconds(6));
    assertThat(open).isEqualTo(MAX);
    eachMax = 100_000_000;
    allMax = 12_500_000;
    pass(Widening.ALLOWED_FOR);
    while (open > 1) {
      close();
    }
    pass(Duration.ofSeconds(3));
    while (open > 1) {
      close();
    }
    pass(Duration.ofSeconds(10));
    assertThat(open).isEqualTo(1);
  }

  @Test
  void aFastConnectionIsLeftAlone() {
    eachMax = 200_000_000;
    open();
    pass(Duration.ofSeconds(10));
    assertThat(open).isEqualTo(1);
  }

  @Test
  void whoIsNearlyDoneDoesNotAsk() {
    eachMax = 6_000_000;
    open();
    pass(Duration.ofMillis(900));
    close();
    assertThat(widening.welcomes(MANY_BYTES)).isTrue();
    assertThat(widening.welcomes(5_000_000)).isFalse();
  }

  @Test
  void withoutConnectionsNothingIsConcluded() {
    pass(Duration.ofMinutes(1));
    assertThat(open).isZero();
    eachMax = 6_000_000;
    open();
    pass(Duration.ofMillis(500));
    assertThat(open).isEqualTo(1);
    pass(Duration.ofSeconds(6));
    assertThat(open).isEqualTo(MAX);
  }
}
