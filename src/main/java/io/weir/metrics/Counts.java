package io.weir.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was counted since the start, of one upstream or of several.
 *
 * @param byOutcome answered requests by the {@code outcome} label, each of them
 * @param transfers answers under way to clients
 * @param sentBytes body bytes sent to clients
 * @param upstreamRequests requests sent to upstreams for what clients ask for: tokens and pings do
 *     not count
 * @param receivedBytes body bytes received from upstreams
 */
public record Counts(
    Map<String, Long> byOutcome,
    long transfers,
    long sentBytes,
    long upstreamRequests,
    long receivedBytes) {

  private static final List<Outcome> FROM_STORE =
      List.of(Outcome.HIT, Outcome.REVALIDATED, Outcome.STALE);

  /** Nothing yet. */
  public static final Counts NONE = none();

  private static Counts none() {
    Map<String, Long> byOutcome = new LinkedHashMap<>();
    for (Outcome outcome : Outcome.values()) {
      byOutcome.put(outcome.label(), 0L);
    }
    return new Counts(byOutcome, 0, 0, 0, 0);
  }

  Counts plus(Counts other) {
    Map<String, Long> sums = new LinkedHashMap<>(byOutcome);
    other.byOutcome.forEach((outcome, count) -> sums.merge(outcome, count, Long::sum));
    return new Counts(
        sums,
        transfers + other.transfers,
        sentBytes + other.sentBytes,
        upstreamRequests + other.upstreamRequests,
        receivedBytes + other.receivedBytes);
  }

  /** How many requests were answered. */
  public long requests() {
    return byOutcome.values().stream().mapToLong(Long::longValue).sum();
  }

  /** How many of these were answered with what was stored. */
  public long hits() {
    return FROM_STORE.stream().mapToLong(this::of).sum();
  }

  /** How many of these were answered with an error, or cut. */
  public long errors() {
    return of(Outcome.ERROR);
  }

  /** Hits in what was not answered with an error, 0 to 1; empty where that is nothing. */
  public Optional<Double> hitRatio() {
    long answered = requests() - errors();
    return answered == 0 ? Optional.empty() : Optional.of((double) hits() / (double) answered);
  }

  /**
   * Bytes that clients have got and no upstream has had to send; below zero where more was fetched
   * than pulled so far.
   */
  public long savedBytes() {
    return sentBytes - receivedBytes;
  }

  /** Requests that were answered and no upstream has had to answer; may be below zero. */
  public long savedRequests() {
    return requests() - upstreamRequests;
  }

  private long of(Outcome outcome) {
    return byOutcome.getOrDefault(outcome.label(), 0L);
  }
}
