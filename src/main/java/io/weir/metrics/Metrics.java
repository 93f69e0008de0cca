package io.weir.metrics;

import static java.util.Objects.requireNonNull;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Every metric of the server.
 *
 * <p>One instance a server, on a registry of its own. Label values come only from the configuration
 * and from enums, so the number of series is bounded by the number of upstreams. Thread-safe.
 */
public final class Metrics {

  private static final double[] REQUEST_SECONDS = {
    0.001, 0.005, 0.02, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300
  };

  private final PrometheusRegistry registry = new PrometheusRegistry();

  private final Counter requests =
      counter(
          "weir_requests_total",
          "Requests answered, counted when the answer has ended.",
          "upstream",
          "kind",
          "outcome");
  private final Histogram requestSeconds =
      histogram(
          "weir_request_seconds",
          "Time from a request's head to the end of its answer.",
          "upstream",
          "kind");
  private final Histogram firstByteSeconds =
      histogram(
          "weir_time_to_first_byte_seconds",
          "Time from a request's head to the head of its answer.",
          "upstream",
          "kind");
  private final Counter sentBytes =
      counter("weir_sent_bytes_total", "Body bytes sent to clients.", "upstream", "source");
  private final Counter upstreamRequests =
      counter(
          "weir_upstream_requests_total",
          "Requests sent to upstreams.",
          "upstream",
          "kind",
          "status");
  private final Counter upstreamReceivedBytes =
      counter(
          "weir_upstream_received_bytes_total", "Body bytes received from upstreams.", "upstream");
  private final Histogram upstreamRequestSeconds =
      histogram(
          "weir_upstream_request_seconds",
          "Time from a request to an upstream to the head of its answer.",
          "upstream",
          "kind");
  private final Gauge rateLimitRemaining =
      gauge(
          "weir_upstream_ratelimit_remaining",
          "What the upstream's rate limit last left.",
          "upstream");
  private final Gauge upstreamUp =
      gauge(
          "weir_upstream_up",
          "1 while the upstream answers, 0 while it cannot be reached.",
          "upstream");
  private final Gauge transfers =
      gauge("weir_transfers", "Answers under way to clients.", "upstream");
  private final Gauge certificateExpiry =
      gauge(
          "weir_certificate_expiry_timestamp_seconds",
          "When the first certificate of a file expires, in seconds since 1970.",
          "certificate");
  private final Counter integrityFailures =
      counter(
          "weir_integrity_failures_total",
          "Content that did not match its digest.",
          "upstream",
          "where");
  private final Counter evictedBytes =
      counter(
          "weir_evicted_bytes_total",
          "Bytes that left the store: what nothing that stays needed.",
          "upstream",
          "reason");

  private final Counter logins =
      counter(
          "weir_logins_total",
          "Passwords that clients sent for the first time, or again after a while.",
          "result");

  private final Map<String, Answers> answers = new ConcurrentHashMap<>();

  public Metrics(String version) {
    Info.builder()
        .name("weir_build_info")
        .help("The version that runs.")
        .labelNames("version", "java")
        .register(registry)
        .addLabelValues(version, Runtime.version().toString());
    for (Login result : Login.values()) {
      logins.initLabelValues(result.label());
    }
  }

  /** The registry that {@code /metrics} shows. */
  public PrometheusRegistry registry() {
    return registry;
  }

  /**
   * Makes the series of {@code upstream} exist at zero, so that rates and absences can be told
   * apart.
   */
  public void declareUpstream(String upstream) {
    Answers _ = answers(upstream);
    upstreamReceivedBytes.initLabelValues(upstream);
    upstreamUp.labelValues(upstream).set(1);
    for (Where where : Where.values()) {
      integrityFailures.initLabelValues(upstream, where.label());
    }
  }

  /**
   * One answered request.
   *
   * @param seconds from its head to the end of the answer
   */
  public void request(String upstream, Kind kind, Outcome outcome, double seconds) {
    AnswersOfKind series = answers(upstream).of(kind);
    series.count(outcome).inc();
    series.seconds().observe(seconds);
  }

  /** The head of an answer went out {@code seconds} after the request's. */
  public void firstByte(String upstream, Kind kind, double seconds) {
    answers(upstream).of(kind).firstByteSeconds().observe(seconds);
  }

  /**
   * Body bytes that went to a client.
   *
   * @param fromCache whether they were stored when the request came
   */
  public void sent(String upstream, boolean fromCache, long bytes) {
    Answers series = answers(upstream);
    (fromCache ? series.sentFromCache : series.sentFromUpstream).inc((double) bytes);
  }

  /** An answer of {@code upstream} begins to go out. */
  public void transferBegan(String upstream) {
    answers(upstream).transfers.inc();
  }

  /** An answer of {@code upstream} has ended, well or not. */
  public void transferEnded(String upstream) {
    answers(upstream).transfers.dec();
  }

  private Answers answers(String upstream) {
    Answers series = answers.get(upstream);
    return series != null ? series : answers.computeIfAbsent(upstream, Answers::new);
  }

  /**
   * The series of the answers of one upstream. To find one by its labels costs more than to count,
   * so each is looked up once.
   */
  private final class Answers {

    final Map<Kind, AnswersOfKind> byKind = new EnumMap<>(Kind.class);
    final CounterDataPoint sentFromCache;
    final CounterDataPoint sentFromUpstream;
    final GaugeDataPoint transfers;

    Answers(String upstream) {
      for (Kind kind : Kind.values()) {
        byKind.put(kind, new AnswersOfKind(upstream, kind));
      }
      this.sentFromCache = sentBytes.labelValues(upstream, "cache");
      this.sentFromUpstream = sentBytes.labelValues(upstream, "upstream");
      this.transfers = Metrics.this.transfers.labelValues(upstream);
    }

    AnswersOfKind of(Kind kind) {
      return requireNonNull(byKind.get(kind));
    }
  }

  private final class AnswersOfKind {

    private final String upstream;
    private final Kind kind;
    private final Map<Outcome, CounterDataPoint> counts = new EnumMap<>(Outcome.class);

    // Histograms begin to exist when something is observed. Two threads may find the same.
    private volatile @Nullable DistributionDataPoint seconds;
    private volatile @Nullable DistributionDataPoint firstByteSeconds;

    AnswersOfKind(String upstream, Kind kind) {
      this.upstream = upstream;
      this.kind = kind;
      for (Outcome outcome : Outcome.values()) {
        counts.put(outcome, requests.labelValues(upstream, kind.label(), outcome.label()));
      }
    }

    CounterDataPoint count(Outcome outcome) {
      return requireNonNull(counts.get(outcome));
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
        series = Metrics.this.firstByteSeconds.labelValues(upstream, kind.label());
        firstByteSeconds = series;
      }
      return series;
    }
  }

  /**
   * One request to an upstream.
   *
   * @param status the HTTP status in digits, or a word for what prevented an answer, such as {@code
   *     timeout}
   * @param seconds from the request to the head of its answer
   */
  public void upstreamRequest(String upstream, Kind kind, String status, double seconds) {
    upstreamRequests.labelValues(upstream, kind.label(), status).inc();
    upstreamRequestSeconds.labelValues(upstream, kind.label()).observe(seconds);
  }

  /** Body bytes that came from {@code upstream}. */
  public void upstreamReceived(String upstream, long bytes) {
    upstreamReceivedBytes.labelValues(upstream).inc((double) bytes);
  }

  /** What the upstream's rate limit left, as its last answer said. */
  public void rateLimitRemaining(String upstream, long remaining) {
    rateLimitRemaining.labelValues(upstream).set((double) remaining);
  }

  /** Whether the upstream answers. */
  public void upstreamUp(String upstream, boolean up) {
    upstreamUp.labelValues(upstream).set(up ? 1 : 0);
  }

  /**
   * When the first certificate of a file expires.
   *
   * @param use what the file is for
   * @param end null where there is no such file
   */
  public void certificateExpiry(CertificateUse use, @Nullable Instant end) {
    if (end == null) {
      certificateExpiry.remove(use.label());
    } else {
      certificateExpiry.labelValues(use.label()).set((double) end.getEpochSecond());
    }
  }

  /** When the first certificate of a file expires; empty where there is no such file. */
  public Optional<Instant> certificateExpiry(CertificateUse use) {
    OptionalDouble end = value(certificateExpiry, "certificate", use.label());
    return end.isEmpty()
        ? Optional.empty()
        : Optional.of(Instant.ofEpochSecond((long) end.getAsDouble()));
  }

  /**
   * An image left the store.
   *
   * @param reason why, such as {@code ttl}
   * @param freedBytes what nothing else needed
   */
  public void evicted(String upstream, String reason, long freedBytes) {
    evictedBytes.labelValues(upstream, reason).inc((double) freedBytes);
  }

  /** What was counted since the start. Reads all series, so not for each request. */
  public Counts counts() {
    Map<String, Long> byOutcome = new LinkedHashMap<>();
    for (Outcome outcome : Outcome.values()) {
      byOutcome.put(outcome.label(), 0L);
    }
    for (CounterDataPointSnapshot series : requests.collect().getDataPoints()) {
      byOutcome.merge(series.getLabels().get("outcome"), (long) series.getValue(), Long::sum);
    }
    return new Counts(
        byOutcome,
        (long)
            transfers.collect().getDataPoints().stream()
                .mapToDouble(GaugeDataPointSnapshot::getValue)
                .sum(),
        sum(sentBytes),
        sum(upstreamReceivedBytes));
  }

  private static long sum(Counter counter) {
    return (long)
        counter.collect().getDataPoints().stream()
            .mapToDouble(CounterDataPointSnapshot::getValue)
            .sum();
  }

  /** Whether the upstream answers, as far as is known. */
  public boolean isUpstreamUp(String upstream) {
    return value(upstreamUp, "upstream", upstream).orElse(1) != 0;
  }

  /** What the upstream's rate limit last left; empty where it never said. */
  public Optional<Long> rateLimitRemaining(String upstream) {
    OptionalDouble remaining = value(rateLimitRemaining, "upstream", upstream);
    return remaining.isEmpty() ? Optional.empty() : Optional.of((long) remaining.getAsDouble());
  }

  /** Without making the series, as asking for it by its label would. */
  private static OptionalDouble value(Gauge gauge, String label, String value) {
    return gauge.collect().getDataPoints().stream()
        .filter(series -> value.equals(series.getLabels().get(label)))
        .mapToDouble(GaugeDataPointSnapshot::getValue)
        .findFirst();
  }

  /**
   * Shows what the store holds, as it is when the metrics are read.
   *
   * @param capacityBytes the file system's size
   * @param bytes of each upstream
   * @param blobs of each upstream
   */
  public void observeStore(
      LongSupplier capacityBytes,
      Supplier<Map<String, Long>> bytes,
      Supplier<Map<String, Long>> blobs) {
    GaugeWithCallback.builder()
        .name("weir_store_capacity_bytes")
        .help("The size of the file system that holds the store.")
        .callback(gauge -> gauge.call((double) capacityBytes.getAsLong()))
        .register(registry);
    observeByUpstream("weir_store_bytes", "What is stored; shared content counts for each.", bytes);
    observeByUpstream("weir_store_blobs", "How many manifests and blobs are stored.", blobs);
  }

  private void observeByUpstream(String name, String help, Supplier<Map<String, Long>> values) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("upstream")
        .callback(gauge ->
            values.get().forEach((upstream, value) -> gauge.call((double) value, upstream)))
        .register(registry);
  }

  /** A password that was not known yet was looked at, or would have been. */
  public void login(Login result) {
    logins.labelValues(result.label()).inc();
  }

  /** Content that did not match its digest. */
  public void integrityFailure(String upstream, Where where) {
    integrityFailures.labelValues(upstream, where.label()).inc();
  }

  private Counter counter(String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  private Gauge gauge(String name, String help, String... labels) {
    return Gauge.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  private Histogram histogram(String name, String help, String... labels) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .unit(Unit.SECONDS)
        .labelNames(labels)
        .classicUpperBounds(REQUEST_SECONDS)
        .register(registry);
  }
}
