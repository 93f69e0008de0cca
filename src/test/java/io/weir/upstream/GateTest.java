package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.metrics.Kind;
import io.weir.testing.FakeClock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GateTest {

  private final FakeClock clock = new FakeClock();
  private int changes;
  private final Gate gate = new Gate("test", clock, () -> changes++);
  private final UpstreamException down =
      new UpstreamException(UpstreamException.Kind.UNAVAILABLE, "test: answered 503");

  private Gate.@Nullable Pass enter() {
    return gate.enter(Kind.MANIFEST, false);
  }

  private Gate.Pass pass() {
    Gate.Pass pass = enter();
    if (pass == null) {
      throw new AssertionError("the gate is closed");
    }
    return pass;
  }

  @Test
  void aFailureClosesItForASecondAndItIsRememberedWhy() {
    gate.failed(pass(), down, false);

    assertThat(enter()).isNull();
    assertThat(gate.isFailing()).isTrue();
    assertThat(gate.refusal(Kind.MANIFEST)).hasMessage("test: answered 503");
    assertThat(changes).isEqualTo(1);
    clock.advance(Duration.ofMillis(999));
    assertThat(enter()).isNull();
    clock.advance(Duration.ofMillis(1));
    assertThat(enter()).isNotNull();
  }

  /** A registry in maintenance says when it will be back. */
  @Test
  void aFailureThatAsksForPatienceClosesItForThatLong() {
    Duration minute = Duration.ofMinutes(1);
    gate.failed(
        pass(),
        new UpstreamException(
            UpstreamException.Kind.UNAVAILABLE, "test: answered 503", minute, null),
        false);

    clock.advance(Duration.ofSeconds(20));
    assertThat(enter()).isNull();
    assertThat(gate.refusal(Kind.BLOB).retryAfter()).hasValue(Duration.ofSeconds(40));
    clock.advance(Duration.ofSeconds(40));
    assertThat(enter()).isNotNull();
  }

  @Test
  void oneProbePassesAndTheOthersWaitForWhatItFindsOut() {
    gate.failed(pass(), down, false);
    clock.advance(Duration.ofSeconds(1));

    Gate.Pass probe = pass();
    assertThat(enter()).isNull();
    assertThat(gate.isOpenTo(Kind.BLOB)).isFalse();
    gate.succeeded(probe);

    assertThat(enter()).isNotNull();
    assertThat(gate.isFailing()).isFalse();
    assertThat(changes).isEqualTo(2);
  }

  @Test
  void everyFailedProbeDoublesTheTimeUpToThirtySeconds() {
    gate.failed(pass(), down, false);
    for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30}) {
      clock.advance(Duration.ofSeconds(seconds).minusMillis(1));
      assertThat(enter()).isNull();
      clock.advance(Duration.ofMillis(1));
      gate.failed(pass(), down, false);
    }
  }

  @Test
  void requestsThatWereUnderWayTogetherFailAsOne() {
    Gate.Pass first = pass();
    Gate.Pass second = pass();
    gate.failed(first, down, false);
    gate.failed(second, down, false);

    clock.advance(Duration.ofSeconds(1));
    assertThat(enter()).isNotNull();
  }

  @Test
  void aProbeThatIsGivenUpLeavesRoomForAnother() {
    gate.failed(pass(), down, false);
    clock.advance(Duration.ofSeconds(1));

    gate.release(pass());
    assertThat(enter()).isNotNull();
  }

  @Test
  void failuresThatMayBeTheRequestsOwnCloseItOnlyThreeInARow() {
    gate.failed(pass(), down, true);
    gate.failed(pass(), down, true);
    gate.succeeded(pass());
    gate.failed(pass(), down, true);
    gate.failed(pass(), down, true);
    assertThat(enter()).isNotNull();
    gate.failed(pass(), down, true);
    assertThat(enter()).isNull();
  }

  @Test
  void patienceIsKeptForEachKindByItselfAndForcedOrNot() {
    UpstreamException limit =
        new UpstreamException(UpstreamException.Kind.RATE_LIMITED, "test: answered 429");
    gate.limited(pass(), Kind.MANIFEST, Duration.ofMinutes(5), limit);

    assertThat(enter()).isNull();
    assertThat(gate.enter(Kind.MANIFEST, true)).isNull();
    assertThat(gate.enter(Kind.BLOB, false)).isNotNull();
    assertThat(gate.isFailing()).isFalse();
    clock.advance(Duration.ofMinutes(2));
    assertThat(gate.refusal(Kind.MANIFEST).retryAfter()).contains(Duration.ofMinutes(3));
    clock.advance(Duration.ofMinutes(3));
    assertThat(enter()).isNotNull();
  }

  @Test
  void aResumptionMayPassAClosedGateAndDoesNotCloseItFurther() {
    gate.failed(pass(), down, false);
    Gate.Pass forced = gate.enter(Kind.BLOB, true);
    assertThat(forced).isNotNull();
    if (forced != null) {
      gate.failed(forced, down, false);
    }
    clock.advance(Duration.ofSeconds(1));
    assertThat(enter()).isNotNull();
  }

  @Test
  void aBrokenBodyDemotesForAMinute() {
    gate.demote();
    assertThat(gate.isDemoted()).isTrue();
    assertThat(enter()).isNotNull();
    clock.advance(Duration.ofMinutes(1));
    assertThat(gate.isDemoted()).isFalse();
  }
}
