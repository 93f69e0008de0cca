package io.weir.metrics;

import static java.util.Objects.requireNonNull;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of answers to clients. To find a series by its labels costs more than to count, so
 * each is looked up once. Thread-safe.
 */
final class AnswerMetrics {

  private final Counter requests;
  private final Counter errors;
  private final Histogram requestSeconds;
  private final Histogram firstByteSeconds;
  private final Counter sentBytes;
  private final Gauge transfers;

  private final Map<String, OfUpstream> byUpstream = new ConcurrentHashMap<>();

  AnswerMetrics(Families families) {
    this.requests =
        families.counter(
            "weir_requests_total",
            "Requests answered, counted when the answer has ended.",
            "upstream",
            "kind",
            "outcome");
    this.errors =
        families.counter(
            "weir_request_errors_total",
            "Requests that ended with an error: those of weir_requests_total with that outcome.",
            "upstream",
            "kind",
            "reason");
    this.requestSeconds =
        families.seconds(
            "weir_request_seconds",
            "Time from a request's head to the end of its answer.",
            "upstream",
            "kind");
    this.firstByteSeconds =
        families.seconds(
            "weir_time_to_first_byte_seconds",
            "Time from a request's head to the head of its answer.",
            "upstream",
            "kind");
    this.sentBytes =
        families.counter(
            "weir_sent_bytes_total", "Body bytes sent to clients.", "upstream", "source");
    this.transfers = families.gauge("weir_transfers", "Answers under way to clients.", "upstream");
  }

  OfUpstream of(String upstream) {
    OfUpstream series = byUpstream.get(upstream);
    return series != null ? series : byUpstream.computeIfAbsent(upstream, OfUpstream::new);
  }

  void forEach(BiConsumer<String, OfUpstream> action) {
    byUpstream.forEach(action);
  }

  /** The series of one upstream. */
  final class OfUpstream {

    private final Map<Kind, OfKind> byKind = new EnumMap<>(Kind.class);
    final CounterDataPoint sentFromCache;
    final CounterDataPoint sentFromUpstream;
    final GaugeDataPoint transfers;

    OfUpstream(String upstream) {
      for (Kind kind : Kind.values()) {
        byKind.put(kind, new OfKind(upstream, kind));
      }
      this.sentFromCache = sentBytes.labelValues(upstream, "cache");
      this.sentFromUpstream = sentBytes.labelValues(upstream, "upstream");
      this.transfers = AnswerMetrics.this.transfers.labelValues(upstream);
    }

    OfKind of(Kind kind) {
      return requireNonNull(byKind.get(kind));
    }

    long sentBytes() {
      return (long) (sentFromCache.get() + sentFromUpstream.get());
    }

    /** How many requests were answered so, of all kinds. */
    long requests(Outcome outcome) {
      return (long) byKind.values().stream().mapToDouble(of -> of.count(outcome).get()).sum();
    }
  }

  /** The series of one kind of request. */
  final class OfKind {

    private final String upstream;
    private final Kind kind;
    private final Map<Outcome, CounterDataPoint> counts = new EnumMap<>(Outcome.class);
    private final Map<ErrorReason, CounterDataPoint> errorCounts = new EnumMap<>(ErrorReason.class);

    // Histograms begin to exist when something is observed. Two threads may find the same.
    private volatile @Nullable DistributionDataPoint seconds;
    private volatile @Nullable DistributionDataPoint firstByteSeconds;

    OfKind(String upstream, Kind kind) {
      this.upstream = upstream;
      this.kind = kind;
      for (Outcome outcome : Outcome.values()) {
        counts.put(outcome, requests.labelValues(upstream, kind.label(), outcome.label()));
      }
      for (ErrorReason reason : ErrorReason.values()) {
        errorCounts.put(reason, errors.labelValues(upstream, kind.label(), reason.label()));
      }
    }

    CounterDataPoint count(Outcome outcome) {
      return requireNonNull(counts.get(outcome));
    }

    CounterDataPoint count(ErrorReason reason) {
      return requireNonNull(errorCounts.get(reason));
    }

    DistributionDataPoint seconds() {
      DistributionDataPoint series = seconds;
      if (series == null) {
        series = requestSeconds.labelValues(upstream, kind.label());
        seconds = series;
      }
      return series;
    }

    DistributionDataPoint firstByteSeconds() {
      DistributionDataPoint series = firstByteSeconds;
      if (series == null) {
        series = AnswerMetrics.this.firstByteSeconds.labelValues(upstream, kind.label());
        firstByteSeconds = series;
      }
      return series;
    }
  }
}
