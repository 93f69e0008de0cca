package io.weir.metrics;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was counted since the start, of all upstreams together.
 *
 * @param byOutcome answered requests by the {@code outcome} label, each of them
 * @param transfers answers under way to clients
 * @param sentBytes body bytes sent to clients
 * @param receivedBytes body bytes received from upstreams
 */
public record Counts(
    Map<String, Long> byOutcome, long transfers, long sentBytes, long receivedBytes) {

  private static final List<Outcome> FROM_STORE =
      List.of(Outcome.HIT, Outcome.REVALIDATED, Outcome.STALE);

  /** How many requests were answered. */
  public long requests() {
    return byOutcome.values().stream().mapToLong(Long::longValue).sum();
  }

  /** How many of these were answered with what was stored. */
  public long hits() {
    return FROM_STORE.stream().mapToLong(this::of).sum();
  }

  /** Hits in what was not answered with an error, 0 to 1; empty where that is nothing. */
  public Optional<Double> hitRatio() {
    long answered = requests() - of(Outcome.ERROR);
    return answered == 0 ? Optional.empty() : Optional.of((double) hits() / (double) answered);
  }

  private long of(Outcome outcome) {
    return byOutcome.getOrDefault(outcome.label(), 0L);
  }
}
