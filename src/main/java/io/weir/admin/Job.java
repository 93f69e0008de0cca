package io.weir.admin;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An operation that runs, or ran, on a virtual thread of its own. Thread-safe. */
final class Job {

  private static final Logger LOG = LoggerFactory.getLogger(Job.class);

  /** How far a job has come. */
  enum State {
    RUNNING,
    DONE,
    FAILED,
    /** It was cancelled, and has ended before or soon after. */
    CANCELLED;

    /** As the API names it. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * How a job ended.
   *
   * @param result what came of it; empty where it failed
   * @param error why it failed
   */
  private record End(
      State state, Instant at, Optional<Operation.Outcome> result, Optional<String> error) {}

  /**
   * A job at one moment, as the API shows it.
   *
   * @param result what came of it, whole or in short
   */
  record View(
      String id,
      String kind,
      String state,
      Operation.Progress progress,
      Instant started,
      Optional<Instant> ended,
      Optional<Object> result,
      Optional<String> error) {}

  private final String id;
  private final String kind;
  private final Operation operation;
  private final Instant started;
  private final CountDownLatch ending = new CountDownLatch(1);

  private volatile boolean isCancelled;
  private volatile Optional<End> end = Optional.empty();

  Job(String id, String kind, Operation operation, Instant started) {
    this.id = id;
    this.kind = kind;
    this.operation = operation;
    this.started = started;
  }

  String kind() {
    return kind;
  }

  /** Where the API shows it. */
  String path() {
    return "/api/v1/jobs/" + id;
  }

  boolean isRunning() {
    return end.isEmpty();
  }

  /** Does the work, on the calling thread. Called once. */
  void run(InstantSource clock) {
    Optional<Operation.Outcome> result = Optional.empty();
    Optional<String> error = Optional.empty();
    try {
      result = Optional.of(operation.run());
    } catch (IOException e) {
      error = Optional.of(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("kind", kind).setCause(e).log("a job failed");
      error = Optional.of("it failed; the server's log says why");
    }
    State state = isCancelled ? State.CANCELLED : State.DONE;
    end =
        Optional.of(
            new End(error.isPresent() ? State.FAILED : state, clock.instant(), result, error));
    ending.countDown();
  }

  /** Asks the work to end. Returns at once. */
  void cancel() {
    isCancelled = isCancelled || isRunning();
    operation.cancel();
  }

  /** Waits until the work has ended, for {@code limit} at most. */
  void await(Duration limit) throws InterruptedException {
    boolean _ = ending.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** With all that came of it. */
  View view() {
    return view(result -> result);
  }

  /** With what came of it in short, to stand among others. */
  View summary() {
    return view(Operation.Outcome::summary);
  }

  private View view(Function<Operation.Outcome, Object> shown) {
    Optional<End> ended = end;
    return new View(
        id,
        kind,
        ended.map(End::state).orElse(State.RUNNING).label(),
        operation.progress(),
        started,
        ended.map(End::at),
        ended.flatMap(End::result).map(shown),
        ended.flatMap(End::error));
  }
}
