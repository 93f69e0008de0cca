package io.weir.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.weir.metrics.Metrics;
import io.weir.testing.FakeClock;
import io.weir.testing.Users;
import io.weir.watch.FileWatch;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What costs a bcrypt, and what does not. */
@Timeout(60)
class LoginsTest {

  private static final InetAddress HERE = InetAddress.ofLiteral("10.0.0.7");
  private static final InetAddress ELSEWHERE = InetAddress.ofLiteral("10.0.0.8");
  private static final Entry WRONG = new Entry.Refused("wrong user or password");

  @TempDir private Path folder;
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics("test");
  @AutoClose private final Logins logins = new Logins(clock, metrics);
  @AutoClose private final FileWatch watch = new FileWatch();
  private Users users;
  private HtpasswdFile file;

  @BeforeEach
  void write() {
    users = new Users(folder.resolve("users")).put("ci", "secret").put("node", "other");
    file = new HtpasswdFile(users.file(), watch);
  }

  /** A change is noticed when two looks have seen it. */
  private void look() {
    watch.look();
    watch.look();
  }

  private Entry begin(InetAddress client, String user, String password) {
    return logins.enter(
        Users.login(user, password), client, file.content(), name -> new Caller(name, Rights.ALL));
  }

  private static Entry decided(Entry entry) {
    return entry instanceof Entry.Pending pending ? pending.await() : entry;
  }

  private Entry enter(String user, String password) {
    return decided(begin(HERE, user, password));
  }

  private static Entry in(String user) {
    return new Entry.Admitted(new Caller(user, Rights.ALL));
  }

  /** How many logins have come to this result. */
  private long count(String result) {
    return metrics.registry().scrape("weir_logins"::equals).stream()
        .flatMap(metric -> metric.getDataPoints().stream())
        .filter(series -> result.equals(series.getLabels().get("result")))
        .mapToLong(series -> (long) ((CounterSnapshot.CounterDataPointSnapshot) series).getValue())
        .sum();
  }

  private long bcrypts() {
    return count("accepted") + count("refused");
  }

  @Test
  void aPullCostsOneBcrypt() {
    for (int i = 0; i < 20; i++) {
      assertThat(enter("ci", "secret")).isEqualTo(in("ci"));
      assertThat(decided(begin(ELSEWHERE, "ci", "secret"))).isEqualTo(in("ci"));
    }
    assertThat(bcrypts()).isEqualTo(1);
  }

  @Test
  void aRememberedLoginIsNotPending() {
    enter("ci", "secret");
    assertThat(begin(HERE, "ci", "secret")).isEqualTo(in("ci"));
  }

  @Test
  void manyAtOnceCostOneBcrypt() {
    users.put("slow", "secret", 10);
    look();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      entries.add(begin(HERE, "slow", "secret"));
    }
    assertThat(entries).extracting(LoginsTest::decided).containsOnly(in("slow"));
    assertThat(bcrypts()).isEqualTo(1);
  }

  /** A node whose password is old asks again and again; it guesses nothing new. */
  @Test
  void theSameMistakeCostsOneBcryptAndHoldsNobodyUp() {
    for (int i = 0; i < 1000; i++) {
      assertThat(enter("ci", "old")).isEqualTo(WRONG);
    }
    assertThat(bcrypts()).isEqualTo(1);
    assertThat(enter("ci", "secret")).isEqualTo(in("ci"));
  }

  @Test
  void whatIsInUseIsRememberedAndTheRestForgottenAfterTenMinutes() {
    for (int i = 0; i < 5; i++) {
      enter("ci", "secret");
      clock.advance(Duration.ofMinutes(9));
    }
    assertThat(bcrypts()).isEqualTo(1);
    clock.advance(Duration.ofMinutes(1));
    assertThat(enter("ci", "secret")).isEqualTo(in("ci"));
    assertThat(bcrypts()).isEqualTo(2);
  }

  @Test
  void aPasswordThatWasChangedIsForgottenAtOnce() {
    enter("ci", "secret");
    enter("ci", "new");
    users.put("ci", "new");
    look();

    assertThat(enter("ci", "secret")).isEqualTo(WRONG);
    assertThat(enter("ci", "new")).isEqualTo(in("ci"));
  }

  @Test
  void aUserWhoWasTakenOutIsForgottenAtOnceAndTheOthersAreNot() {
    enter("ci", "secret");
    enter("node", "other");
    users.remove("ci");
    look();

    assertThat(begin(HERE, "node", "other")).isEqualTo(in("node"));
    assertThat(enter("ci", "secret")).isEqualTo(WRONG);
  }

  @Test
  void aUserWhoWasAddedIsLetInAtOnce() {
    assertThat(enter("new", "secret")).isEqualTo(WRONG);
    users.put("new", "secret");
    look();

    assertThat(enter("new", "secret")).isEqualTo(in("new"));
  }

  @Test
  void aFileThatCannotBeUsedLeavesTheUsersAsTheyWere() throws Exception {
    Files.writeString(users.file(), "ci:secret\n");
    look();

    assertThat(enter("ci", "secret")).isEqualTo(in("ci"));
  }

  @Test
  void whoGuessesIsHeldUpAndWhoIsRememberedIsNot() {
    enter("ci", "secret");
    Entry last = WRONG;
    int guesses = 0;
    while (last.equals(WRONG)) {
      last = enter("root", "guess" + guesses++);
    }
    assertThat(last).isEqualTo(new Entry.HeldUp("too many failed logins", Duration.ofMillis(100)));
    for (int i = 0; i < 1000; i++) {
      assertThat(enter("root", "more" + i)).isInstanceOf(Entry.HeldUp.class);
      assertThat(begin(HERE, "ci", "secret")).isEqualTo(in("ci"));
    }
    assertThat(bcrypts()).isEqualTo(guesses);
    assertThat(count("held_up")).isEqualTo(1001);
    clock.advance(Duration.ofMillis(100));
    assertThat(enter("root", "again")).isEqualTo(WRONG);
  }

  /** From a thousand addresses, each with a name of its own: none is slowed down by itself. */
  @Test
  void aFloodWaitsInALineThatIsBounded() throws Exception {
    users.put("slow", "secret", 12);
    look();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      byte[] address = {10, 0, (byte) (i >> 8), (byte) i};
      entries.add(begin(InetAddress.getByAddress(address), "user" + i, "guess"));
    }
    assertThat(entries)
        .contains(new Entry.HeldUp("too many logins at once", Duration.ofSeconds(1)));
    assertThat(entries).filteredOn(Entry.Pending.class::isInstance).hasSizeLessThan(300);
  }

  @Test
  void whatIsNoLoginCostsNothing() {
    assertThat(
            logins.enter(
                "Bearer secret", HERE, file.content(), name -> new Caller(name, Rights.ALL)))
        .isEqualTo(new Entry.Refused("the Authorization header holds no user and password"));
    assertThat(bcrypts()).isZero();
  }
}
