package io.weir.upstream;

import io.vertx.core.http.HttpMethod;
import io.weir.upstream.TryFailedException.Remedy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The URLs of one upstream, and the decision which of them is asked, how often, and when that is
 * given up. Thread-safe; {@link #ask} blocks.
 */
final class Sites {

  /** How often the last URL that is left is tried for one request. */
  private static final int TRIES_MAX = 3;

  private static final List<Duration> PAUSES =
      List.of(Duration.ofMillis(100), Duration.ofMillis(400));

  private final Failures failures;
  private final Pause pause;
  private final Vitals vitals;
  private final List<Site> sites;

  Sites(
      Failures failures,
      Pause pause,
      List<Endpoint> endpoints,
      Function<Endpoint, Authorizer> authorizers,
      InstantSource clock,
      Vitals vitals,
      Consumer<Boolean> isUp) {
    this.failures = failures;
    this.pause = pause;
    this.vitals = vitals;
    this.sites =
        endpoints.stream()
            .map(endpoint ->
                new Site(
                    endpoint,
                    new Gate(
                        failures.upstream() + " at " + endpoint.base().hostAndPort(),
                        clock,
                        () -> isUp.accept(!isFailing())),
                    authorizers.apply(endpoint),
                    vitals))
            .toList();
  }

  /** Whether none of the URLs answered when it was last asked. */
  boolean isFailing() {
    return sites.stream().allMatch(site -> site.gate().isFailing());
  }

  /**
   * Makes sure that {@link #ask} would ask somebody.
   *
   * @throws UpstreamException the failure that is remembered, where every URL is left alone
   */
  void check(Ask ask) {
    boolean isHopeless =
        !ask.isForced() && sites.stream().noneMatch(site -> site.gate().isOpenTo(ask.kind()));
    if (isHopeless) {
      throw sites.getFirst().gate().refusal(ask.kind());
    }
  }

  /**
   * Asks the URLs in their order until one answers.
   *
   * @param reader makes the result of a good answer, and closes the exchange unless the result is
   *     to close it
   * @throws UpstreamException the last URL's failure
   */
  <T> T ask(Ask ask, Upstream.Reader<T> reader) {
    UpstreamException failure = null;
    List<Site> order = order(ask);
    for (int i = 0; i < order.size(); i++) {
      Site site = order.get(i);
      Request request = ask.at(site.endpoint());
      if (request == null) {
        continue;
      }
      Gate.Pass pass = site.gate().enter(ask.kind(), ask.isForced());
      if (pass == null) {
        failure = failure == null ? site.gate().refusal(ask.kind()) : failure;
        continue;
      }
      boolean hasNext =
          order.subList(i + 1, order.size()).stream()
              .anyMatch(next -> next.gate().isOpenTo(ask.kind()));
      try {
        return ask(site, pass, ask, request, reader, hasNext ? 1 : TRIES_MAX);
      } catch (TryFailedException e) {
        failure = e.meaning();
        if (e.remedy() == Remedy.NOTHING) {
          break;
        }
      }
    }
    throw failure != null ? failure : failures.invalid("the next page is somewhere else").meaning();
  }

  /** A broken body is resumed where none broke of late, if there is such a URL. */
  private List<Site> order(Ask ask) {
    return ask.isForced()
        ? sites.stream().sorted(Comparator.comparing(site -> site.gate().isDemoted())).toList()
        : sites;
  }

  private <T> T ask(
      Site site, Gate.Pass pass, Ask ask, Request request, Upstream.Reader<T> reader, int triesMax)
      throws TryFailedException {
    boolean isSettled = false;
    long start = System.nanoTime();
    try {
      for (int tries = 1; ; tries++) {
        try {
          T result = ask(site, ask, request, reader);
          isSettled = true;
          site.gate().succeeded(pass);
          return result;
        } catch (TryFailedException e) {
          boolean isInTime = System.nanoTime() - start < failures.responseLimit().toNanos();
          if (isWorthAnother(e.remedy(), tries, triesMax) && isInTime) {
            pauseAfter(e.remedy(), tries);
            continue;
          }
          isSettled = true;
          settle(site.gate(), pass, ask, e);
          throw e;
        }
      }
    } finally {
      if (!isSettled) {
        site.gate().release(pass);
      }
    }
  }

  private static boolean isWorthAnother(Remedy remedy, int tries, int triesMax) {
    return switch (remedy) {
      case AT_ONCE -> tries == 1 || tries < triesMax;
      case LATER -> tries < triesMax;
      case ELSEWHERE, PERHAPS_ELSEWHERE, NOTHING -> false;
    };
  }

  /** A connection that was closed under a request had most likely been idle for too long. */
  private void pauseAfter(Remedy remedy, int tries) {
    if (remedy == Remedy.AT_ONCE && tries == 1) {
      return;
    }
    Duration full = PAUSES.get(Math.min(tries, PAUSES.size()) - 1);
    double jitter = ThreadLocalRandom.current().nextDouble(0.75, 1.25);
    try {
      pause.sleep(Duration.ofNanos((long) (full.toNanos() * jitter)));
    } catch (InterruptedException e) {
      throw Failures.interrupted(failures.upstream());
    }
  }

  private void settle(Gate gate, Gate.Pass pass, Ask ask, TryFailedException e) {
    UpstreamException meaning = e.meaning();
    vitals.failed(meaning);
    switch (meaning.kind()) {
      case RATE_LIMITED ->
          gate.limited(pass, ask.kind(), meaning.retryAfter().orElse(RetryAfter.DEFAULT), meaning);
      case UNAVAILABLE, TIMEOUT ->
          gate.failed(pass, meaning, e.remedy() == Remedy.PERHAPS_ELSEWHERE);
      case NOT_FOUND, DENIED, TOO_LARGE, INVALID -> gate.succeeded(pass);
    }
  }

  private <T> T ask(Site site, Ask ask, Request request, Upstream.Reader<T> reader)
      throws TryFailedException {
    Duration once = failures.connectLimit().plus(failures.responseLimit());
    Deadline deadline = Deadline.in(once.multipliedBy(2));
    @Nullable Exchange exchange = null;
    boolean isRead = false;
    try {
      exchange = site.authorizer().send(request, ask.repository(), deadline);
      check(exchange, ask, site);
      T result = reader.read(exchange, site);
      isRead = true;
      return result;
    } catch (UpstreamException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e; // Given up by the caller; the URL is not to blame.
      }
      throw new TryFailedException(e, remedy(e));
    } finally {
      if (exchange != null && !isRead) {
        exchange.close();
      }
    }
  }

  /** What helps against a body that did not arrive, or credentials that could not be read. */
  private static Remedy remedy(UpstreamException e) {
    return switch (e.kind()) {
      case UNAVAILABLE -> Remedy.LATER;
      case TIMEOUT -> Remedy.ELSEWHERE;
      case NOT_FOUND, DENIED, RATE_LIMITED, TOO_LARGE, INVALID -> Remedy.NOTHING;
    };
  }

  private void check(Exchange exchange, Ask ask, Site site) throws TryFailedException {
    int status = exchange.status();
    boolean isHeadRefused =
        ask.method().equals(HttpMethod.HEAD) && (status == 400 || status == 405 || status == 501);
    if (isHeadRefused) {
      return;
    }
    boolean isGood = status == 200 || (status == 206 && ask.isRanged());
    if (!isGood) {
      Target target = exchange.target();
      boolean isRedirected = !target.hasOriginOf(site.endpoint().base());
      String speaker = isRedirected ? target.authority() + " answered" : "answered";
      throw failures.answered(exchange, speaker);
    }
    String encoding = exchange.header("Content-Encoding");
    if (encoding != null && !encoding.isBlank() && !encoding.equalsIgnoreCase("identity")) {
      throw failures.invalid("an answer with Content-Encoding " + encoding.strip());
    }
  }
}
