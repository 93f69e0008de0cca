package io.weir.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.FakeClock;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class SlowdownTest {

  private static final Duration NONE = Duration.ZERO;
  private static final InetAddress HERE = InetAddress.ofLiteral("10.0.0.7");
  private static final InetAddress ELSEWHERE = InetAddress.ofLiteral("10.0.0.8");

  private final FakeClock clock = new FakeClock();
  private final Slowdown slowdown = new Slowdown(clock);

  /** Guesses as fast as it may, and returns how long it had to wait in all. */
  private Duration guess(InetAddress client, String user, int times) {
    Duration waited = NONE;
    for (int i = 0; i < times; i++) {
      Duration wait = slowdown.begin(client, user);
      if (wait.isPositive()) {
        clock.advance(wait);
        waited = waited.plus(wait);
        assertThat(slowdown.begin(client, user)).isEqualTo(NONE);
      }
    }
    return waited;
  }

  @Test
  void aFewMistakesCostNothing() {
    assertThat(guess(HERE, "ci", 10)).isEqualTo(NONE);
  }

  @Test
  void eachGuessMoreDoublesThePauseUpToFiveSeconds() {
    guess(HERE, "ci", 10);
    assertThat(guess(HERE, "ci", 1)).isEqualTo(Duration.ofMillis(100));
    assertThat(guess(HERE, "ci", 1)).isEqualTo(Duration.ofMillis(200));
    assertThat(guess(HERE, "ci", 1)).isEqualTo(Duration.ofMillis(400));
    assertThat(guess(HERE, "ci", 3)).isEqualTo(Duration.ofMillis(800 + 1600 + 3200));
    assertThat(guess(HERE, "ci", 100)).isEqualTo(Duration.ofSeconds(500));
  }

  @Test
  void whoAsksTooEarlyDoesNotWaitLonger() {
    guess(HERE, "ci", 12);
    for (int i = 0; i < 1000; i++) {
      assertThat(slowdown.begin(HERE, "ci")).isEqualTo(Duration.ofMillis(400));
    }
    clock.advance(Duration.ofMillis(400));
    assertThat(slowdown.begin(HERE, "ci")).isEqualTo(NONE);
  }

  /** A clock at which one waits for the other, if that can come while the first is there. */
  private static final class MeetingClock implements InstantSource {

    private final CyclicBarrier both = new CyclicBarrier(2);
    private volatile boolean isMeeting;

    @Override
    public Instant instant() {
      if (isMeeting) {
        try {
          int _ = both.await(20, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | BrokenBarrierException _) {
          both.reset();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return Instant.EPOCH;
    }

    @Override
    public long millis() {
      return 0;
    }
  }

  @Test
  void whoGuessesAtTheSameTimeGoesNoWayAround() throws Exception {
    for (int round = 0; round < 30; round++) {
      MeetingClock meeting = new MeetingClock();
      Slowdown slow = new Slowdown(meeting);
      for (int i = 0; i < 9; i++) {
        assertThat(slow.begin(HERE, "ci")).isEqualTo(NONE);
      }
      meeting.isMeeting = true;
      try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
        Future<Duration> one = threads.submit(() -> slow.begin(HERE, "ci"));
        Future<Duration> other = threads.submit(() -> slow.begin(HERE, "ci"));
        assertThat(List.of(one.get(), other.get())).containsOnlyOnce(NONE);
      }
    }
  }

  @Test
  void anAddressIsSlowedDownWhateverNamesItTries() {
    for (int i = 0; i < 20; i++) {
      assertThat(slowdown.begin(HERE, "user" + i)).isEqualTo(NONE);
    }
    assertThat(slowdown.begin(HERE, "another")).isEqualTo(Duration.ofMillis(100));
    assertThat(slowdown.begin(ELSEWHERE, "another")).isEqualTo(NONE);
  }

  @Test
  void aNameIsSlowedDownWhereverItIsTriedFrom() {
    for (int i = 0; i < 10; i++) {
      assertThat(slowdown.begin(InetAddress.ofLiteral("10.0.1." + i), "root")).isEqualTo(NONE);
    }
    assertThat(slowdown.begin(ELSEWHERE, "root")).isEqualTo(Duration.ofMillis(100));
    assertThat(slowdown.begin(ELSEWHERE, "ci")).isEqualTo(NONE);
  }

  @Test
  void anIpv6NetworkIsOneAddress() {
    for (int i = 0; i < 20; i++) {
      assertThat(slowdown.begin(InetAddress.ofLiteral("2001:db8::" + (i + 1)), "user" + i))
          .isEqualTo(NONE);
    }
    assertThat(slowdown.begin(InetAddress.ofLiteral("2001:db8::ffff"), "x")).isPositive();
    assertThat(slowdown.begin(InetAddress.ofLiteral("2001:db8:0:1::1"), "x")).isEqualTo(NONE);
  }

  @Test
  void whoWasRightHasGuessedNothing() {
    for (int i = 0; i < 1000; i++) {
      assertThat(slowdown.begin(HERE, "user" + i)).isEqualTo(NONE);
      slowdown.succeeded(HERE, "user" + i);
    }
  }

  /** One that guesses behind the same address, or with the same name, holds up the others. */
  @Test
  void whoWasLetInFromAnAddressIsNotHeldUpByOthers() {
    slowdown.begin(HERE, "ci");
    slowdown.succeeded(HERE, "ci");

    guess(ELSEWHERE, "ci", 30);
    assertThat(slowdown.begin(InetAddress.ofLiteral("10.0.0.9"), "ci")).isPositive();
    assertThat(slowdown.begin(HERE, "ci")).isEqualTo(NONE);

    guess(HERE, "root", 30);
    assertThat(slowdown.begin(HERE, "other")).isPositive();
    assertThat(slowdown.begin(HERE, "ci")).isEqualTo(NONE);
  }

  @Test
  void whoWasLetInFromAnAddressCannotBeGuessedThereEither() {
    slowdown.begin(HERE, "ci");
    slowdown.succeeded(HERE, "ci");

    assertThat(guess(HERE, "ci", 10)).isEqualTo(NONE);
    assertThat(guess(HERE, "ci", 1)).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void aLoginOfOnesOwnDoesNotMakeUpForGuesses() {
    guess(HERE, "root", 30);
    Duration wait = slowdown.begin(HERE, "guest");
    assertThat(wait).isPositive();
    clock.advance(wait);
    slowdown.begin(HERE, "guest");
    slowdown.succeeded(HERE, "guest");

    assertThat(slowdown.begin(HERE, "root")).isPositive();
  }

  @Test
  void afterAQuarterOfAnHourAllIsForgotten() {
    guess(HERE, "ci", 100);
    clock.advance(Duration.ofMinutes(15));

    assertThat(guess(HERE, "ci", 10)).isEqualTo(NONE);
  }
}
