package io.weir.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BandwidthTest {

  private final FakeStopwatch stopwatch = new FakeStopwatch();
  private final Cancellation cancellation = new Cancellation();

  private long secondsPassed() {
    return Duration.ofNanos(stopwatch.passedNanos()).toSeconds();
  }

  @Test
  void asManyBytesPassInASecondAsMay() {
    Bandwidth bandwidth = new Bandwidth(() -> 1000, stopwatch);
    for (int i = 0; i < 100; i++) {
      bandwidth.use(100, cancellation);
    }
    assertThat(secondsPassed()).isEqualTo(10);
  }

  @Test
  void aPauseOfTheReaderIsNotMadeUpFor() {
    Bandwidth bandwidth = new Bandwidth(() -> 1000, stopwatch);
    bandwidth.use(1000, cancellation);
    stopwatch.pause(Duration.ofSeconds(60).toNanos(), cancellation);
    bandwidth.use(5000, cancellation);
    assertThat(secondsPassed()).isEqualTo(1 + 60 + 5);
  }

  @Test
  void anotherLimitHoldsAtOnce() {
    AtomicLong limit = new AtomicLong(1);
    Bandwidth bandwidth = new Bandwidth(limit::get, stopwatch);
    bandwidth.use(1, cancellation);
    limit.set(1 << 20);
    bandwidth.use(1 << 20, cancellation);
    assertThat(secondsPassed()).isEqualTo(2);
  }

  @Test
  void withoutALimitNobodyWaits() {
    Bandwidth bandwidth = new Bandwidth(() -> Long.MAX_VALUE, stopwatch);
    bandwidth.use(1L << 40, cancellation);
    assertThat(secondsPassed()).isZero();
  }
}
