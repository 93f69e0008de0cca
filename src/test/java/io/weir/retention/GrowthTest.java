package io.weir.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class GrowthTest {

  private final Growth growth = new Growth();

  @Test
  void nothingIsSaidBeforeTenMinutesWereSeen() {
    assertThat(growth.bytesPerSecond()).isEmpty();
    for (int minute = 0; minute < 10; minute++) {
      growth.observe(Duration.ofMinutes(minute), minute * 1000L);
      assertThat(growth.bytesPerSecond()).isEmpty();
    }
    growth.observe(Duration.ofMinutes(10), 10_000);
    assertThat(growth.bytesPerSecond()).isPresent();
  }

  @Test
  void steadyGrowthIsItsSlope() {
    for (int minute = 0; minute <= 60; minute++) {
      growth.observe(Duration.ofMinutes(minute), 1_000_000 + minute * 6000L);
    }
    assertThat(growth.bytesPerSecond().orElseThrow()).isCloseTo(100, within(1e-6));
  }

  @Test
  void aStoreThatShrinksGrowsBelowZeroAndOneThatStaysDoesNot() {
    for (int minute = 0; minute <= 20; minute++) {
      growth.observe(Duration.ofMinutes(minute), 1_000_000 - minute * 60L);
    }
    assertThat(growth.bytesPerSecond().orElseThrow()).isCloseTo(-1, within(1e-6));

    Growth still = new Growth();
    for (int minute = 0; minute <= 20; minute++) {
      still.observe(Duration.ofMinutes(minute), 5);
    }
    assertThat(still.bytesPerSecond()).contains(0.0);
  }

  @Test
  void whatIsOlderThanADayIsForgotten() {
    long used = 0;
    for (int minute = 0; minute <= 3 * 24 * 60; minute++) {
      growth.observe(Duration.ofMinutes(minute), used);
      used += minute < 24 * 60 ? 60_000_000 : 60;
    }
    assertThat(growth.bytesPerSecond().orElseThrow()).isCloseTo(1, within(1e-3));
  }

  @Test
  void oneBurstIsNoTrend() {
    for (int minute = 0; minute <= 24 * 60; minute++) {
      growth.observe(Duration.ofMinutes(minute), minute >= 23 * 60 ? 86_400_000_000L : 0);
    }
    // Half of what the two ends alone would say, or less.
    assertThat(growth.bytesPerSecond().orElseThrow()).isBetween(1.0, 500_000.0);
  }
}
