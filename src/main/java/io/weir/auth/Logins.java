package io.weir.auth;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.metrics.Login;
import io.weir.metrics.Metrics;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Verifies passwords, remembers what came of it, and slows down who guesses. Thread-safe; nothing
 * here blocks but {@link Entry.Pending#await}.
 *
 * <p>A client says its password with each request, and bcrypt takes a tenth of a second. So what
 * came of a header is remembered until it was not used for ten minutes, whether it was right or
 * wrong: a pull costs one bcrypt, and so does a node that says the same wrong thing for days. It is
 * remembered together with the hash that it was compared with, and is worth nothing as soon as the
 * file has another hash for that user, or none.
 *
 * <p>bcrypt runs on threads {@code weir-login-…}, one for two processors, and not on virtual ones:
 * it does not let go of the thread that carries it, and those carry all other requests. The kernel
 * shares out processors between threads, so that a flood of logins slows pulls down and does not
 * stop them. Who comes when too many wait is told to come again.
 */
public final class Logins implements AutoCloseable {

  private static final Duration REMEMBERED_FOR = Duration.ofMinutes(10);
  private static final int REMEMBERED_MAX = 10_000;
  private static final int WAITING_MAX = 200;
  private static final Duration BUSY = Duration.ofSeconds(1);
  private static final Duration IDLE_THREAD_MAX = Duration.ofSeconds(30);

  /**
   * What came of a header.
   *
   * @param hash what it was compared with; null for a user who is not there
   */
  private record Verdict(String user, @Nullable String hash, boolean isRight) {

    boolean holdsFor(Htpasswd users) {
      return Objects.equals(hash, users.hashOf(user));
    }
  }

  /** Why nothing is verified now. Has no stack, since many may come. */
  private static final class HeldUpException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Entry.HeldUp entry;

    HeldUpException(String reason, Duration wait) {
      super(reason, null, false, false);
      this.entry = new Entry.HeldUp(reason, wait);
    }
  }

  private final Metrics metrics;
  private final Slowdown slowdown;
  private final FailureLog failures;
  private final Fingerprint.Maker fingerprints = new Fingerprint.Maker();
  private final AsyncCache<Fingerprint, Verdict> verdicts;
  private final ThreadPoolExecutor threads;

  /** Knows nobody yet. */
  public Logins(InstantSource clock, Metrics metrics) {
    this.metrics = metrics;
    this.slowdown = new Slowdown(clock);
    this.failures = new FailureLog(clock);
    this.verdicts =
        Caffeine.newBuilder()
            .maximumSize(REMEMBERED_MAX)
            .expireAfterAccess(REMEMBERED_FOR)
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            .executor(Runnable::run)
            .buildAsync();
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    this.threads =
        new ThreadPoolExecutor(
            count,
            count,
            IDLE_THREAD_MAX.toSeconds(),
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("weir-login-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Who it is that sends a header.
   *
   * @param callers who a user is whose password is right
   */
  Entry enter(
      String authorization, InetAddress client, Htpasswd users, Function<String, Caller> callers) {
    Fingerprint fingerprint = fingerprints.of(authorization);
    CompletableFuture<Verdict> verdict = verdicts.getIfPresent(fingerprint);
    if (verdict != null && verdict.isDone() && !verdict.join().holdsFor(users)) {
      verdicts.asMap().remove(fingerprint, verdict);
      verdict = null;
    }
    if (verdict == null) {
      BasicCredentials credentials = BasicCredentials.parse(authorization);
      if (credentials == null) {
        failures.refused(client, "", "the Authorization header holds no user and password");
        return new Entry.Refused("the Authorization header holds no user and password");
      }
      try {
        verdict = verdicts.get(fingerprint, (_, _) -> beginToVerify(credentials, client, users));
      } catch (HeldUpException e) {
        metrics.login(Login.HELD_UP);
        failures.heldUp(client, credentials.user(), e.entry.reason());
        return e.entry;
      }
    }
    CompletableFuture<Verdict> found = verdict;
    return found.isDone()
        ? entry(found.join(), client, callers)
        : (Entry.Pending) () -> entry(found.join(), client, callers);
  }

  private CompletableFuture<Verdict> beginToVerify(
      BasicCredentials credentials, InetAddress client, Htpasswd users) {
    if (threads.getQueue().size() >= WAITING_MAX) {
      throw new HeldUpException("too many logins at once", BUSY);
    }
    Duration wait = slowdown.begin(client, credentials.user());
    if (!wait.isZero()) {
      throw new HeldUpException("too many failed logins", wait);
    }
    return CompletableFuture.supplyAsync(() -> verify(credentials, client, users), threads);
  }

  private Verdict verify(BasicCredentials credentials, InetAddress client, Htpasswd users) {
    String user = credentials.user();
    boolean isRight = users.verify(credentials);
    metrics.login(isRight ? Login.ACCEPTED : Login.REFUSED);
    if (isRight) {
      slowdown.succeeded(client, user);
    }
    return new Verdict(user, users.hashOf(user), isRight);
  }

  private Entry entry(Verdict verdict, InetAddress client, Function<String, Caller> callers) {
    if (verdict.isRight()) {
      return new Entry.Admitted(callers.apply(verdict.user()));
    }
    failures.refused(
        client, verdict.user(), verdict.hash() == null ? "no such user" : "the wrong password");
    return new Entry.Refused("wrong user or password");
  }

  /** Takes no more; what waits is still verified, so that nobody waits for ever. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
