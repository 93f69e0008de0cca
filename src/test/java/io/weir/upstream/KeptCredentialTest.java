package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.testing.FakeClock;
import io.weir.upstream.Credential.Login;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class KeptCredentialTest {

  private static final Duration REFRESH = Duration.ofHours(10);
  private static final Login ONE = new Login("me", "one");
  private static final Login TWO = new Login("me", "two");

  @TempDir Path folder;

  private final FakeClock clock = new FakeClock();
  private final Endpoint quay = Endpoint.of(URI.create("https://quay.io"));

  private HelperProgram program() {
    return new HelperProgram(folder, "docker-credential-test");
  }

  private KeptCredential kept() {
    return new Helpers("test", clock, Map.of())
        .required(List.of(program().path().toString(), "get"), quay, REFRESH);
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(30));
  }

  private int runs() {
    return program().asked().size();
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void anAnswerIsUsedAgain() {
    program().gives("me", "one");
    KeptCredential kept = kept();
    assertThat(kept.get(soon())).isEqualTo(ONE);
    clock.advance(REFRESH.multipliedBy(4).dividedBy(5).minusSeconds(1));
    assertThat(kept.get(soon())).isEqualTo(ONE);
    assertThat(runs()).isEqualTo(1);
  }

  @Test
  void itIsReplacedAheadOfItsEndWhileNobodyWaits() throws Exception {
    program().gives("me", "one");
    KeptCredential kept = kept();
    kept.get(soon());

    clock.advance(Duration.ofHours(8));
    Path go = folder.resolve("go");
    program()
        .does(
            "until [ -e '"
                + go
                + "' ]; do :; done; echo '{\"Username\":\"me\",\"Secret\":\"two\"}'");
    assertThat(kept.get(soon())).isEqualTo(ONE);
    assertThat(kept.get(soon())).isEqualTo(ONE);

    Files.createFile(go);
    await(() -> kept.get(soon()).equals(TWO));
    assertThat(runs()).isEqualTo(2);
    assertThat(kept.status("s").since()).contains(clock.instant());
    assertThat(kept.status("s").until()).contains(clock.instant().plus(REFRESH));
  }

  @Test
  void afterItsEndItIsWaitedForAndUsedOnlyWhereTheHelperFails() {
    program().gives("me", "one");
    KeptCredential kept = kept();
    kept.get(soon());

    clock.advance(REFRESH);
    program().gives("me", "two");
    assertThat(kept.get(soon())).isEqualTo(TWO);

    clock.advance(REFRESH);
    program().does("echo broken >&2; exit 1");
    assertThat(kept.get(soon())).isEqualTo(TWO);
    assertThat(kept.status("s").failure().orElseThrow().reason())
        .isEqualTo("docker-credential-test ended with status 1: broken");
    assertThat(runs()).isEqualTo(3);

    assertThat(kept.get(soon())).as("while it is left alone").isEqualTo(TWO);
    assertThat(runs()).isEqualTo(3);

    clock.advance(Duration.ofSeconds(10));
    program().gives("me", "one");
    await(() -> kept.get(soon()).equals(ONE));
    assertThat(kept.status("s").failure()).isEmpty();
  }

  @Test
  void whereThereWasNeverOneTheHelperIsLeftAloneForAWhile() {
    program().does("exit 1");
    KeptCredential kept = kept();
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> kept.get(soon()))
          .isInstanceOf(UpstreamException.class)
          .hasMessage("test: no credentials: docker-credential-test ended with status 1");
    }
    assertThat(runs()).isEqualTo(1);

    clock.advance(Duration.ofSeconds(10));
    program().gives("me", "one");
    assertThat(kept.get(soon())).isEqualTo(ONE);
  }

  @Test
  void aHelperThatDoesNotKnowTheRegistryIsNamed() {
    program().does("echo 'credentials not found in native keychain'; exit 1");
    assertThatThrownBy(() -> kept().get(soon()))
        .hasMessage("test: no credentials: docker-credential-test has no credentials for quay.io");
  }

  @Test
  void whatWasRefusedIsAskedForOnceForAllWhoWereRefused() throws Exception {
    program().gives("me", "one");
    KeptCredential kept = kept();
    kept.get(soon());
    clock.advance(Duration.ofMinutes(1));
    program().gives("me", "two");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> renewals = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        renewals.add(threads.submit(() -> kept.renew(ONE, soon())));
      }
      for (Future<Boolean> renewal : renewals) {
        assertThat(renewal.get()).isTrue();
      }
    }
    assertThat(kept.get(soon())).isEqualTo(TWO);
    assertThat(runs()).isEqualTo(2);
  }

  @Test
  void aFloodOfRefusalsDoesNotRunTheHelperInALoop() {
    program().gives("me", "one");
    KeptCredential kept = kept();
    kept.get(soon());
    for (int i = 0; i < 10; i++) {
      assertThat(kept.renew(ONE, soon())).isFalse();
    }
    assertThat(runs()).isEqualTo(1);
    clock.advance(Duration.ofSeconds(30));
    for (int i = 0; i < 10; i++) {
      assertThat(kept.renew(ONE, soon())).isFalse();
    }
    assertThat(runs()).isEqualTo(2);
  }

  @Test
  void aFailureRepeatsNoSecretThatIsKnown() {
    program().gives("me", "correct horse");
    KeptCredential kept = kept();
    kept.get(soon());
    clock.advance(REFRESH);
    program().does("echo 'is it correct horse?' >&2; exit 1");
    kept.get(soon());
    assertThat(kept.status("s").failure().orElseThrow().reason())
        .isEqualTo("docker-credential-test ended with status 1");
  }
}
