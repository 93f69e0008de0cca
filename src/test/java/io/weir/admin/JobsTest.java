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

  /** Work that goes on until it is cancelled. */
  private static final class Endless implements Operation {

    private final CountDownLatch cancelled = new CountDownLatch(1);

    @Override
    public Object run() throws IOException {
      try {
        cancelled.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      return "half of it";
    }

    @Override
    public Progress progress() {
      return new Progress(1, 2, "bytes");
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
          .isThrownBy(() -> jobs.start("scrub", () -> "done"))
          .satisfies(refusal -> assertThat(refusal.status()).isEqualTo(409))
          .satisfies(
              refusal -> assertThat(refusal.headers()).containsEntry("Location", first.path()));
      jobs.start("gc", () -> "done").await(LONG);
      first.cancel();
      first.await(LONG);
      assertThat(jobs.start("scrub", () -> "done").path()).isEqualTo("/api/v1/jobs/3");
    }
  }

  @Test
  void aCancelledJobShowsWhatItHadDone() throws InterruptedException {
    try (Jobs jobs = new Jobs(clock)) {
      Job job = jobs.start("scrub", new Endless());
      assertThat(job.view().state()).isEqualTo("running");
      assertThat(job.view().progress()).isEqualTo(new Operation.Progress(1, 2, "bytes"));
      assertThat(job.view().ended()).isEmpty();

      job.cancel();
      job.await(LONG);

      assertThat(job.view().state()).isEqualTo("cancelled");
      assertThat(job.view().result()).contains("half of it");
      assertThat(job.view().ended()).contains(clock.instant());
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
        jobs.start("gc", () -> "done").await(LONG);
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
        .isThrownBy(() -> jobs.start("gc", () -> "done"))
        .satisfies(refusal -> assertThat(refusal.status()).isEqualTo(503));
  }
}
