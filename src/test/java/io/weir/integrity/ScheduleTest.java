package io.weir.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.metrics.Metrics;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.store.Store;
import io.weir.testing.FakeClock;
import io.weir.testing.StorePulls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {

  private static final Origin APP = new Origin("hub", Repository.parse("team/app"));
  private static final Duration INTERVAL = Duration.ofDays(30);
  private static final int BLOBS = 20;

  /** At one byte a second, a blob takes a quarter of an hour. */
  private static final int BLOB_BYTES = 900;

  @TempDir private Path root;
  private final FakeClock clock = new FakeClock();
  private final FakeStopwatch stopwatch = new FakeStopwatch();
  private final List<Digest> repaired = new ArrayList<>();
  private Store store;
  private Schedule schedule;

  @BeforeEach
  void fill() throws IOException {
    store = Store.open(root, clock, clock);
    StorePulls pulls = new StorePulls(store, clock);
    for (int i = 0; i < BLOBS; i++) {
      pulls.putBlob(APP, "%03d".formatted(i).repeat(BLOB_BYTES / 3));
    }
    store.index().flush();
    schedule = schedule(config(INTERVAL, 1));
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private static Config.Scrub config(Duration interval, long bytesPerSecond) {
    return new Config.Scrub(interval, bytesPerSecond, false);
  }

  private Schedule schedule(Config.Scrub config) {
    return new Schedule(
        config,
        store,
        new Damages(store, new Metrics("test")),
        (_, digest, _) -> repaired.add(digest),
        clock,
        stopwatch);
  }

  /** The server ends when so much time of a pass has gone by, and starts again. */
  private ScrubResult cutAfter(Duration time) throws IOException {
    long endNanos = stopwatch.passedNanos() + time.toNanos();
    Schedule running = schedule;
    stopwatch.whilePaused(() -> {
      if (stopwatch.passedNanos() >= endNanos) {
        running.close();
      }
    });
    ScrubResult result = running.runPass().orElseThrow();
    stopwatch.whilePaused(() -> {});
    store.close();
    store = Store.open(root, clock, clock);
    schedule = schedule(config(INTERVAL, 1));
    return result;
  }

  @Test
  void aPassTakesTheTimeThatItsBandwidthGivesIt() {
    ScrubResult result = schedule.runPass().orElseThrow();
    assertThat(result.isComplete()).isTrue();
    assertThat(result.blobs()).isEqualTo(BLOBS);
    assertThat(result.bytes()).isEqualTo(BLOBS * BLOB_BYTES);
    assertThat(Duration.ofNanos(stopwatch.passedNanos()))
        .isEqualTo(Duration.ofSeconds(BLOBS * BLOB_BYTES));
  }

  @Test
  void aRestartGoesOnWhereThePassWas() throws IOException {
    ScrubResult first = cutAfter(Duration.ofHours(2));
    assertThat(first.isComplete()).isFalse();
    assertThat(first.blobs()).isEqualTo(7);
    clock.advance(Duration.ofDays(1));
    ScrubResult second = cutAfter(Duration.ofHours(1));
    assertThat(second.blobs()).isEqualTo(3);
    ScrubResult third = schedule.runPass().orElseThrow();
    assertThat(third.isComplete()).isTrue();
    assertThat(third.blobs()).isEqualTo(10);
    // What was being read when it was cut is read once more.
    assertThat(third.whole()).isEqualTo(new ScrubCounts((BLOBS + 2) * BLOB_BYTES, BLOBS, 0, 0, 0));

    assertThat(schedule.runPass()).isEmpty();
    clock.advance(INTERVAL.minusDays(1).minusSeconds(1));
    assertThat(schedule.pause()).isEqualTo(Duration.ofSeconds(1));
    clock.advance(Duration.ofSeconds(1));
    assertThat(schedule.runPass().orElseThrow().blobs()).isEqualTo(BLOBS);
  }

  /** A killed server has no chance to say where it was. */
  @Test
  void whereItIsIsNotedOnTheWay() throws IOException {
    List<String> notes = new ArrayList<>();
    stopwatch.whilePaused(() -> {
      store.index().flush();
      notes.add(store.inventory().note("scrub").orElse(""));
    });
    schedule.runPass();
    assertThat(notes).hasSize(BLOBS).doesNotHaveDuplicates();
  }

  /** What was found before a restart is not looked at again, and was forgotten. */
  @Test
  void damageThatWasFoundBeforeARestartCounts() throws IOException {
    Digest wrong = store.inventory().storedAfter(null, 1).getFirst().digest();
    Digest gone = store.inventory().storedAfter(wrong, 1).getFirst().digest();
    Files.write(root.resolve("blobs/sha256").resolve(wrong.hex()), new byte[BLOB_BYTES]);
    Files.delete(root.resolve("blobs/sha256").resolve(gone.hex()));
    assertThat(cutAfter(Duration.ofHours(2)).missing()).isEqualTo(1);
    ScrubResult rest = schedule.runPass().orElseThrow();
    assertThat(rest.damaged()).isEmpty();
    assertThat(rest.whole().damaged()).isEqualTo(1);
    assertThat(rest.whole().unmended()).isZero();
    assertThat(rest.whole().missing()).isEqualTo(1);
    clock.advance(INTERVAL);
    assertThat(schedule.runPass().orElseThrow().whole().damaged()).as("the next one").isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " 1 2 3", " 1 2 3 4 many"})
  void aPositionWithoutCountsIsGoneOnWith(String counts) {
    Digest first = store.inventory().storedAfter(null, 1).getFirst().digest();
    store.inventory().putNote("scrub", clock.instant().toEpochMilli() + " " + first + counts);
    ScrubResult rest = schedule.runPass().orElseThrow();
    assertThat(rest.blobs()).isEqualTo(BLOBS - 1);
    assertThat(rest.whole().blobs()).isEqualTo(BLOBS - 1);
  }

  @Test
  void withoutAnIntervalNothingIsRead() {
    Schedule never = schedule(config(Duration.ZERO, 1));
    assertThat(never.runPass()).isEmpty();
    assertThat(never.pause()).isPositive();
  }

  @Test
  void anotherConfigurationHoldsForThePassUnderWay() {
    stopwatch.whilePaused(() -> schedule.use(config(INTERVAL, 100)));
    assertThat(schedule.runPass().orElseThrow().isComplete()).isTrue();
    assertThat(Duration.ofNanos(stopwatch.passedNanos()))
        .isEqualTo(Duration.ofSeconds(BLOB_BYTES + (BLOBS - 1) * BLOB_BYTES / 100));

    clock.advance(INTERVAL);
    AtomicInteger pauses = new AtomicInteger();
    stopwatch.whilePaused(() -> {
      if (pauses.incrementAndGet() == 2) {
        schedule.use(config(Duration.ZERO, 100));
      }
    });
    assertThat(schedule.runPass().orElseThrow().isComplete()).isFalse();
    schedule.use(config(INTERVAL, 100));
    stopwatch.whilePaused(() -> {});
    assertThat(schedule.runPass().orElseThrow().blobs()).isEqualTo(BLOBS - 1);
  }

  /** A clock that was years ahead and was set right must not end scrubbing for years. */
  @Test
  void aClockThatWasSetBackMakesAPassDue() {
    schedule.runPass();
    clock.jump(Duration.ofDays(-1000));
    assertThat(schedule.runPass()).isPresent();
  }

  @Test
  void whatIsDamagedIsMendedAndWhatIsGoneIsKnown() throws IOException {
    Digest wrong = store.inventory().storedAfter(null, 1).getFirst().digest();
    Digest gone = store.inventory().storedAfter(wrong, 1).getFirst().digest();
    Files.write(root.resolve("blobs/sha256").resolve(wrong.hex()), new byte[BLOB_BYTES]);
    Files.delete(root.resolve("blobs/sha256").resolve(gone.hex()));
    ScrubResult result = schedule.runPass().orElseThrow();
    assertThat(result.damaged())
        .singleElement()
        .satisfies(damage -> {
          assertThat(damage.digest()).isEqualTo(wrong);
          assertThat(damage.origins()).containsExactly(APP);
          assertThat(damage.reason()).isEqualTo("it does not hash to its digest");
          assertThat(damage.isMended()).isTrue();
        });
    assertThat(result.missing()).isEqualTo(1);
    assertThat(repaired).containsExactly(wrong);
    store.index().flush();
    assertThat(store.inventory().usage().blobs()).isEqualTo(BLOBS - 2);
  }
}
