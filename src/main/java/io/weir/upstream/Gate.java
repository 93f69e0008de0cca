package io.weir.upstream;

import io.weir.metrics.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The short memory of what one URL's failures were, so that a URL in trouble is not asked by
 * everybody all the time.
 *
 * <p>States:
 *
 * <ul>
 *   <li><i>open</i>: requests pass. A failure closes the gate for one second, or for as long as a
 *       503 asks for.
 *   <li><i>closed</i>: requests are refused at once, with the failure that closed it.
 *   <li><i>probing</i>: that time is over; one request passes, all others are still refused. If it
 *       fails, the gate closes for twice as long, up to 30 seconds; if not, it opens.
 * </ul>
 *
 * <p>Besides, and for each kind of request by itself, it remembers until when the URL asked for
 * patience (429); and it remembers that bodies broke there, which makes it a bad place to resume
 * one. Thread-safe.
 */
final class Gate {

  private static final Logger log = LoggerFactory.getLogger(Gate.class);

  private static final Duration BACK_OFF_MIN = Duration.ofSeconds(1);
  private static final Duration BACK_OFF_MAX = Duration.ofSeconds(30);

  /** How long a URL whose body broke comes last when one is resumed. */
  private static final Duration DEMOTION = Duration.ofMinutes(1);

  /** So many failures in a row that may each be its request's own fault are the URL's fault. */
  private static final int DOUBTFUL_FAILURES_MAX = 3;

  /** Whoever passes a closed gate does not close it further. */
  private static final int UNCOUNTED = -1;

  private final String name;
  private final InstantSource clock;
  private final Runnable changed;

  // Guarded by this:
  private int failures;
  private int doubtfulFailures;
  private Instant closedUntil = Instant.MIN;
  private boolean isProbing;
  private @Nullable UpstreamException cause;
  private Instant demotedUntil = Instant.MIN;
  private final Map<Kind, Limit> limits = new EnumMap<>(Kind.class);

  private record Limit(Instant until, UpstreamException cause) {}

  /**
   * Leave for one request, to be handed back by one of {@code succeeded}, {@code failed} or {@code
   * release}.
   *
   * @param failures how many failures there had been when it was given
   */
  record Pass(int failures, boolean isProbe) {}

  /**
   * @param name what is behind the gate, for the log
   * @param changed called after the gate opened or closed
   */
  Gate(String name, InstantSource clock, Runnable changed) {
    this.name = name;
    this.clock = clock;
    this.changed = changed;
  }

  /**
   * Asks for leave.
   *
   * @param isForced whether the gate need not be open; patience that was asked for is kept even so
   * @return null where the request must not be made; {@link #refusal} says why
   */
  synchronized @Nullable Pass enter(Kind kind, boolean isForced) {
    if (limit(kind) != null) {
      return null;
    }
    if (failures == 0) {
      return new Pass(0, false);
    }
    if (!isProbing && !clock.instant().isBefore(closedUntil)) {
      isProbing = true;
      return new Pass(failures, true);
    }
    return isForced ? new Pass(UNCOUNTED, false) : null;
  }

  /** Whether {@link #enter} would give leave. */
  synchronized boolean isOpenTo(Kind kind) {
    return limit(kind) == null
        && (failures == 0 || (!isProbing && !clock.instant().isBefore(closedUntil)));
  }

  private @Nullable Limit limit(Kind kind) {
    Limit limit = limits.get(kind);
    if (limit != null && !clock.instant().isBefore(limit.until)) {
      limits.remove(kind);
      return null;
    }
    return limit;
  }

  /** Why {@link #enter} gave no leave. */
  synchronized UpstreamException refusal(Kind kind) {
    Limit limit = limit(kind);
    if (limit != null) {
      Duration wait = Duration.between(clock.instant(), limit.until);
      return new UpstreamException(
          UpstreamException.Kind.RATE_LIMITED, text(limit.cause), wait, limit.cause);
    }
    UpstreamException known = cause;
    boolean hasAsked = known != null && known.retryAfter().isPresent();
    Duration left = hasAsked ? Duration.between(clock.instant(), closedUntil) : null;
    return known == null
        ? new UpstreamException(UpstreamException.Kind.UNAVAILABLE, name + ": being tried again")
        : new UpstreamException(known.kind(), text(known), left, known);
  }

  private static String text(UpstreamException known) {
    return String.valueOf(known.getMessage());
  }

  /** Whether requests were failing when last one was made. */
  synchronized boolean isFailing() {
    return failures > 0;
  }

  /** The URL answered. */
  void succeeded(Pass pass) {
    boolean hasOpened;
    synchronized (this) {
      hasOpened = failures > 0;
      failures = 0;
      doubtfulFailures = 0;
      cause = null;
      closedUntil = Instant.MIN;
      isProbing = false;
    }
    if (hasOpened) {
      log.info("{} answers again", name);
      changed.run();
    }
  }

  /**
   * The URL failed.
   *
   * @param isDoubtful whether it may be the request's own fault; then the gate closes only when
   *     that happens again and again
   */
  void failed(Pass pass, UpstreamException why, boolean isDoubtful) {
    Duration backOff;
    synchronized (this) {
      if (pass.isProbe) {
        isProbing = false;
      } else if (pass.failures != failures) {
        return; // Another request that was under way at the same time has said so already.
      }
      if (isDoubtful && ++doubtfulFailures < DOUBTFUL_FAILURES_MAX && failures == 0) {
        return;
      }
      failures++;
      backOff = longer(backOff(failures), why.retryAfter().orElse(Duration.ZERO));
      closedUntil = clock.instant().plus(backOff);
      cause = why;
    }
    log.warn("{} is left alone for {}: {}", name, Failures.text(backOff), why.getMessage());
    changed.run();
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? other : one;
  }

  private static Duration backOff(int failures) {
    Duration backOff = BACK_OFF_MIN.multipliedBy(1L << Math.min(failures - 1, 5));
    return backOff.compareTo(BACK_OFF_MAX) < 0 ? backOff : BACK_OFF_MAX;
  }

  /** The URL asked for patience with requests of one kind. That it answered is good news else. */
  void limited(Pass pass, Kind kind, Duration wait, UpstreamException why) {
    synchronized (this) {
      limits.put(kind, new Limit(clock.instant().plus(wait), why));
    }
    succeeded(pass);
  }

  /** The request was given up; nothing is known of the URL. */
  synchronized void release(Pass pass) {
    if (pass.isProbe) {
      isProbing = false;
    }
  }

  /** A body from the URL broke. */
  synchronized void demote() {
    demotedUntil = clock.instant().plus(DEMOTION);
  }

  /** Whether a body from the URL broke a short while ago. */
  synchronized boolean isDemoted() {
    return clock.instant().isBefore(demotedUntil);
  }
}
