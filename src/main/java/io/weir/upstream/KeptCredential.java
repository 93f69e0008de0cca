package io.weir.upstream;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a helper gave for one registry: kept, asked for again before it ends, and asked for once for
 * all who need it.
 *
 * <p>The helper runs on a thread of its own. Nobody waits for it who has an answer of before, as
 * long as that is not older than {@code refresh}; nor after that, if the helper failed when it was
 * last asked: the old answer is then used until a registry refuses it. Thread-safe.
 */
final class KeptCredential {

  private static final Logger log = LoggerFactory.getLogger(KeptCredential.class);

  /** For how long a helper is left alone whose answer was refused: it would say the same. */
  private static final Duration PAUSE_AFTER_ANSWER = Duration.ofSeconds(30);

  /** For how long a helper is left alone that failed. */
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(10);

  private final String upstream;
  private final CredentialHelper helper;
  private final String serverUrl;
  private final Duration refresh;
  private final boolean isRequired;
  private final InstantSource clock;
  private final Lock turn;

  /** Guards what follows; not held over a run. */
  private final ReentrantLock lock = new ReentrantLock();

  private @Nullable Answer answer;

  /** Of the last run; null where that went well, or where there was none. */
  private @Nullable Failed failure;

  /** Completed when the run under way has ended, well or not; null while there is none. */
  private @Nullable CompletableFuture<Void> running;

  private record Answer(Credential credential, Instant since, Instant stale, Instant until) {}

  private record Failed(HelperException why, Instant at) {

    boolean isRecent(Instant now) {
      return now.isBefore(at.plus(PAUSE_AFTER_FAILURE));
    }
  }

  /**
   * @param refresh how long an answer is used
   * @param isRequired whether it is a failure that the helper does not know the registry
   * @param turn held over each run
   */
  KeptCredential(
      String upstream,
      CredentialHelper helper,
      String serverUrl,
      Duration refresh,
      boolean isRequired,
      InstantSource clock,
      Lock turn) {
    this.upstream = upstream;
    this.helper = helper;
    this.serverUrl = serverUrl;
    this.refresh = refresh;
    this.isRequired = isRequired;
    this.clock = clock;
    this.turn = turn;
  }

  /**
   * The credential.
   *
   * @throws UpstreamException {@code DENIED} where the helper never gave one
   */
  Credential get(Deadline deadline) {
    CompletableFuture<Void> run;
    lock.lock();
    try {
      Instant now = clock.instant();
      Answer known = answer;
      if (known != null && now.isBefore(known.stale)) {
        return known.credential;
      }
      run = failure != null && failure.isRecent(now) ? running : join();
      if (known != null && (now.isBefore(known.until) || failure != null)) {
        return known.credential;
      }
    } finally {
      lock.unlock();
    }
    await(run, deadline);
    lock.lock();
    try {
      if (answer != null) {
        return answer.credential;
      }
      throw CredentialSource.unusable(
          upstream,
          failure != null
              ? String.valueOf(failure.why.getMessage())
              : helper.name() + " has not answered yet");
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs the helper again, unless that was done just now or by another caller.
   *
   * @param refused what {@link #get} gave
   * @return whether there is another credential now
   */
  boolean renew(Credential refused, Deadline deadline) {
    CompletableFuture<Void> run;
    lock.lock();
    try {
      if (isOther(refused)) {
        return true;
      }
      run = isJustAsked() ? running : join();
    } finally {
      lock.unlock();
    }
    await(run, deadline);
    lock.lock();
    try {
      return isOther(refused);
    } finally {
      lock.unlock();
    }
  }

  private boolean isOther(Credential refused) {
    return answer != null && !answer.credential.equals(refused);
  }

  private boolean isJustAsked() {
    Instant now = clock.instant();
    if (failure != null) {
      return failure.isRecent(now);
    }
    return answer != null && now.isBefore(answer.since.plus(PAUSE_AFTER_ANSWER));
  }

  /** The run under way, or else a new one. */
  private CompletableFuture<Void> join() {
    CompletableFuture<Void> run = running;
    if (run == null) {
      run = new CompletableFuture<>();
      running = run;
      Thread _ = Thread.ofVirtual().name("helper").start(this::run);
    }
    return run;
  }

  private void run() {
    @Nullable Credential given = null;
    HelperException failed = new HelperException(helper.name() + " could not be run", "");
    turn.lock();
    try {
      given = helper.get(serverUrl);
      if (isRequired && given.equals(Credential.ANONYMOUS)) {
        given = null;
        failed = new HelperException(helper.name() + " has no credentials for " + serverUrl, "");
      }
    } catch (HelperException e) {
      failed = e;
    } finally {
      turn.unlock();
      end(given, failed);
    }
  }

  /**
   * @param given null where the run failed
   */
  private void end(@Nullable Credential given, HelperException why) {
    CompletableFuture<Void> run;
    lock.lock();
    try {
      Instant now = clock.instant();
      if (given == null) {
        failure = new Failed(why, now);
        log.atWarn().addKeyValue("said", said(why)).log("{}: {}", upstream, why.getMessage());
      } else {
        if (failure != null) {
          log.info("{}: {} gives credentials again", upstream, helper.name());
        }
        // Where others ask all the time, a fifth of its life is enough to replace it unnoticed.
        Duration young = refresh.multipliedBy(4).dividedBy(5);
        answer = new Answer(given, now, now.plus(young), now.plus(refresh));
        failure = null;
      }
      run = running;
      running = null;
    } finally {
      lock.unlock();
    }
    if (run != null) {
      run.complete(null);
    }
  }

  /** What the helper said of its failure, unless that holds what it gave before. */
  private String said(HelperException why) {
    return answer != null && answer.credential.isIn(why.said()) ? "" : why.said();
  }

  private void await(@Nullable CompletableFuture<Void> run, Deadline deadline) {
    if (run == null) {
      return;
    }
    try {
      run.get(
          deadline.limit(CredentialHelper.LIMIT.multipliedBy(2)).toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // Whoever waits finds out that nothing has changed.
    } catch (ExecutionException e) {
      throw new AssertionError("a run never fails", e);
    } catch (InterruptedException e) {
      throw Failures.interrupted(upstream);
    }
  }

  /** What the helper gave, and why it failed when it did. */
  CredentialStatus status(String source) {
    lock.lock();
    try {
      Answer known = answer;
      return new CredentialStatus(
          source,
          known == null ? Optional.empty() : known.credential.shownName(),
          known == null ? Optional.empty() : Optional.of(known.since),
          known == null ? Optional.empty() : Optional.of(known.until),
          Optional.ofNullable(failure)
              .map(failed -> new CredentialStatus.Failure(reason(failed.why), failed.at)));
    } finally {
      lock.unlock();
    }
  }

  private String reason(HelperException why) {
    String said = said(why);
    return why.getMessage() + (said.isEmpty() ? "" : ": " + said);
  }
}
