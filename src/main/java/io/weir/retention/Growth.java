package io.weir.retention;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * How the store grows: the slope of the straight line nearest to what was observed in the last day,
 * which forgives bursts. Thread-safe.
 */
final class Growth {

  /** What is older says little about tomorrow. */
  private static final Duration LOOKED_AT = Duration.ofDays(1);

  /** Before, a single pull would look like a flood. */
  private static final Duration TELLING = Duration.ofMinutes(10);

  private record Sample(Duration at, long usedBytes) {}

  @GuardedBy("this") private final Deque<Sample> samples = new ArrayDeque<>();

  /**
   * Takes note of what is used.
   *
   * @param at time that passes, whatever the clock says; rises from call to call
   */
  synchronized void observe(Duration at, long usedBytes) {
    samples.addLast(new Sample(at, usedBytes));
    while (samples.getFirst().at().plus(LOOKED_AT).compareTo(at) < 0) {
      samples.removeFirst();
    }
  }

  /** Bytes a second, below zero where the store shrinks; empty while too little was seen. */
  synchronized Optional<Double> bytesPerSecond() {
    if (samples.isEmpty()
        || samples.getLast().at().minus(samples.getFirst().at()).compareTo(TELLING) < 0) {
      return Optional.empty();
    }
    Sample first = samples.getFirst();
    double meanSeconds =
        samples.stream().mapToDouble(s -> seconds(first, s)).sum() / samples.size();
    double meanBytes = samples.stream().mapToDouble(Sample::usedBytes).sum() / samples.size();
    double together = 0;
    double alone = 0;
    for (Sample sample : samples) {
      double fromMean = seconds(first, sample) - meanSeconds;
      together += fromMean * ((double) sample.usedBytes() - meanBytes);
      alone += fromMean * fromMean;
    }
    return Optional.of(together / alone);
  }

  private static double seconds(Sample first, Sample sample) {
    return (double) sample.at().minus(first.at()).toMillis() / 1000;
  }
}
