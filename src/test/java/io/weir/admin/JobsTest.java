package io.weir.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.weir.testing.FakeClock;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class JobsTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final FakeClock clock = new FakeClock();

  /** What came of work. */
  private record Done(String what) implements Operation.Outcome {

    @Override
    public String summary() {
      return what.length() + " letters";
    }
  }

  /** Work that goes on until it is cancelled. */
  private static final class Endless implements Operation {

    private final CountDownLatch cancelled = new CountDownLatch(1);

    @Override
    public Done run() throws IOException {
      try {
        cancelled.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      return new Done("half of it");
    }

    @Override
    public Progress progress() {
      return new Progress(1, 2, "bytes", false);
    }

    @Override
    public void cancel() {
      cancelled.countDown();
    }
  }

  @Test
  void oneOfAKindRunsAtATime() throws InterruptedException {
    try (Jobs jobs = new Jobs(clock)) {
      Job first = jobs.start("scrub", new Endless());

      assertThatExceptionOfType(Refusal.class)
          .isThrownBy(() -> jobs.start("scrub", () -> new Done("all of it")))
          .satisfies(refusal -> assertThat(refusal.status()).isEqualTo(409))
          .satisfies(
              refusal -> assertThat(refusal.headers()).containsEntry("Location", first.path()));
      jobs.start("gc", () -> new Done("all of it")).await(LONG);
      first.cancel();
      first.await(LONG);
      assertThat(jobs.start("scrub", () -> new Done("all of it")).path())
          .isEqualTo("/api/v1/jobs/3");
    }
  }

  @Test
  void aCancelledJobShowsWhatItHadDone() throws InterruptedException {
    try (Jobs jobs = new Jobs(clock)) {
      Job job = jobs.start("scrub", new Endless());
      assertThat(job.view().state()).isEqualTo("running");
      assertThat(job.view().progress()).isEqualTo(new Operation.Progress(1, 2, "bytes", false));
      assertThat(job.view().ended()).isEmpty();

      job.cancel();
      job.await(LONG);

      assertThat(job.view().state()).isEqualTo("cancelled");
      assertThat(job.view().result()).contains(new Done("half of it"));
      assertThat(job.view().ended()).contains(clock.instant());
    }
  }

  @Test
  void amongOthersAJobIsShownInShort() throws InterruptedException {
    try (Jobs jobs = new Jobs(clock)) {
      Job job = jobs.start("gc", () -> new Done("all of it"));
      job.await(LONG);

      assertThat(JobList.of(jobs).jobs())
          .singleElement()
          .satisfies(shown -> assertThat(shown.id()).isEqualTo("1"))
          .satisfies(shown -> assertThat(shown.result()).contains("9 letters"));
      assertThat(job.view().result()).contains(new Done("all of it"));
    }
  }

  @Test
  void aJobThatFailsSaysWhy() throws InterruptedException {
    try (Jobs jobs = new Jobs(clock)) {
      Job disk =
          jobs.start(
              "gc",
              () -> {
                throw new IOException("the disk is full");
              });
      disk.await(LONG);
      Job mistake =
          jobs.start(
              "gc",
              () -> {
                throw new IllegalStateException("secret: 42");
              });
      mistake.await(LONG);

      assertThat(disk.view().state()).isEqualTo("failed");
      assertThat(disk.view().error()).contains("the disk is full");
      assertThat(mistake.view().error()).contains("it failed; the server's log says why");
    }
  }

  @Test
  void theLastHundredAreRemembered() throws InterruptedException {
    try (Jobs jobs = new Jobs(clock)) {
      Job running = jobs.start("scrub", new Endless());
      for (int i = 0; i < 150; i++) {
        jobs.start("gc", () -> new Done("all of it")).await(LONG);
      }

      assertThat(jobs.all()).hasSize(100);
      assertThat(jobs.all().getFirst().path()).isEqualTo("/api/v1/jobs/151");
      assertThat(jobs.all().getLast()).isEqualTo(running);
    }
  }

  @Test
  void closingEndsWhatRunsAndTakesNoMore() {
    Jobs jobs = new Jobs(clock);
    Job job = jobs.start("scrub", new Endless());

    jobs.close();

    assertThat(job.view().state()).isEqualTo("cancelled");
    assertThatExceptionOfType(Refusal.class)
        .isThrownBy(() -> jobs.start("gc", () -> new Done("all of it")))
        .satisfies(refusal -> assertThat(refusal.status()).isEqualTo(503));
  }
}
