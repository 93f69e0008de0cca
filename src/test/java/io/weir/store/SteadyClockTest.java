package io.weir.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.FakeClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SteadyClockTest {

  private final FakeClock time = new FakeClock();
  private final SteadyClock clock = new SteadyClock(time, time);
  private final long before = clock.millis();

  private SteadyClock restarted(SteadyClock.Mark mark) {
    SteadyClock again = new SteadyClock(time, time);
    again.resume(mark);
    return again;
  }

  @Test
  void timeThatPassesCounts() {
    time.advance(Duration.ofHours(3));
    assertThat(clock.since(before)).isEqualTo(Duration.ofHours(3));
  }

  @Test
  void aClockThatIsSetForthAndBackByDaysChangesNothing() {
    time.jump(Duration.ofDays(30));
    assertThat(clock.since(before)).isZero();
    time.jump(Duration.ofDays(-60));
    time.advance(Duration.ofMinutes(1));
    assertThat(clock.since(before)).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void acrossARestartOfTheProcessTheMachinesUptimeCounts() {
    SteadyClock.Mark mark = clock.mark();
    time.advance(Duration.ofHours(1));
    time.jump(Duration.ofDays(30));
    assertThat(restarted(mark).since(before)).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void acrossARestartOfTheMachineItsClockCountsButNeverBackwards() {
    SteadyClock.Mark mark = clock.mark();
    time.advance(Duration.ofHours(1));
    time.reboot();
    assertThat(restarted(mark).since(before)).isEqualTo(Duration.ofHours(1));

    time.jump(Duration.ofDays(-10_000)); // no battery: it begins in 1998
    SteadyClock late = restarted(mark);
    assertThat(late.millis()).isEqualTo(before);
    time.jump(Duration.ofDays(10_000)); // and then learns the time
    assertThat(late.since(before)).isZero();
  }

  @Test
  void aMarkSurvivesBeingWritten() {
    SteadyClock.Mark mark = clock.mark();
    assertThat(SteadyClock.Mark.parse(mark.toString())).isEqualTo(mark);
    assertThat(SteadyClock.Mark.parse(null)).isNull();
    assertThat(SteadyClock.Mark.parse("1 first x 3")).isNull();
    assertThat(SteadyClock.Mark.parse("")).isNull();
  }
}
