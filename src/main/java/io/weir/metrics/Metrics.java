package io.weir.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Every metric of the server.
 *
 * <p>One instance a server, on a registry of its own. Label values come only from the configuration
 * and from enums, so the number of series is bounded by the number of upstreams. Thread-safe.
 */
public final class Metrics {

  /** The {@code status} of upstream requests that somebody is to be told of when they begin. */
  private static final List<String> ALARMING = List.of("429", "error", "timeout");

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Families families = new Families(registry);
  private final AnswerMetrics answers = new AnswerMetrics(families);

  private final Counter upstreamRequests =
      families.counter(
          "weir_upstream_requests_total",
          "Requests sent to upstreams.",
          "upstream",
          "kind",
          "status");
  private final Counter upstreamReceivedBytes =
      families.counter(
          "weir_upstream_received_bytes_total", "Body bytes received from upstreams.", "upstream");
  private final Histogram upstreamRequestSeconds =
      families.seconds(
          "weir_upstream_request_seconds",
          "Time from a request to an upstream to the head of its answer.",
          "upstream",
          "kind");
  private final Gauge upstreamUp =
      families.gauge(
          "weir_upstream_up",
          "1 while the upstream answers, 0 while it cannot be reached.",
          "upstream");
  private final Gauge certificateExpiry =
      families.gauge(
          "weir_certificate_expiry_timestamp_seconds",
          "When the first certificate of a file expires, in seconds since 1970.",
          "certificate");
  private final Counter integrityFailures =
      families.counter(
          "weir_integrity_failures_total",
          "Content that did not match its digest.",
          "upstream",
          "where");
  private final Counter evictedBytes =
      families.counter(
          "weir_evicted_bytes_total",
          "Bytes that left the store: what nothing that stays needed.",
          "upstream",
          "reason");

  private final Counter evictedImages =
      families.counter(
          "weir_evicted_images_total", "Images that left the store.", "upstream", "reason");
  private final Counter logins =
      families.counter(
          "weir_logins_total",
          "Passwords that clients sent for the first time, or again after a while.",
          "result");

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
    families.observeByUpstream(
        "weir_saved_bytes",
        "Body bytes sent to clients less those received from the upstream, since the start.",
        () -> ofEach(Counts::savedBytes));
    families.observeByUpstream(
        "weir_saved_requests",
        "Requests answered less those sent to the upstream, since the start.",
        () -> ofEach(Counts::savedRequests));
  }

  private Map<String, Long> ofEach(ToLongFunction<Counts> figure) {
    Map<String, Long> figures = new HashMap<>();
    countsByUpstream()
        .forEach((upstream, counts) -> figures.put(upstream, figure.applyAsLong(counts)));
    return figures;
  }

  /** The registry that {@code /metrics} shows. */
  public PrometheusRegistry registry() {
    return registry;
  }

  /**
   * Makes the series of {@code upstream} exist at zero: Prometheus' {@code increase} does not see
   * the first step of one that begins with it.
   */
  public void declareUpstream(String upstream) {
    AnswerMetrics.OfUpstream _ = answers.of(upstream);
    upstreamReceivedBytes.initLabelValues(upstream);
    upstreamUp.labelValues(upstream).set(1);
    for (Where where : Where.values()) {
      integrityFailures.initLabelValues(upstream, where.label());
    }
    for (Kind kind : Kind.values()) {
      for (String status : ALARMING) {
        upstreamRequests.initLabelValues(upstream, kind.label(), status);
      }
    }
  }

  /**
   * The same for what leaves the store.
   *
   * @param reason as {@link #evicted} has it
   */
  public void declareEvictions(String upstream, String reason) {
    evictedImages.initLabelValues(upstream, reason);
    evictedBytes.initLabelValues(upstream, reason);
  }

  /**
   * One answered request.
   *
   * @param outcome anything but an error
   * @param seconds from its head to the end of the answer
   */
  public void request(String upstream, Kind kind, Outcome outcome, double seconds) {
    count(answers.of(upstream).of(kind), outcome, seconds);
  }

  /**
   * One request that was answered with an error, or whose answer was cut.
   *
   * @param seconds from its head to the end of the answer
   */
  public void requestFailed(String upstream, Kind kind, ErrorReason reason, double seconds) {
    AnswerMetrics.OfKind series = answers.of(upstream).of(kind);
    series.count(reason).inc();
    count(series, Outcome.ERROR, seconds);
  }

  private static void count(AnswerMetrics.OfKind series, Outcome outcome, double seconds) {
    series.count(outcome).inc();
    series.seconds().observe(seconds);
  }

  /** The head of an answer went out {@code seconds} after the request's. */
  public void firstByte(String upstream, Kind kind, double seconds) {
    answers.of(upstream).of(kind).firstByteSeconds().observe(seconds);
  }

  /**
   * Body bytes that went to a client.
   *
   * @param fromCache whether they were stored when the request came
   */
  public void sent(String upstream, boolean fromCache, long bytes) {
    AnswerMetrics.OfUpstream series = answers.of(upstream);
    (fromCache ? series.sentFromCache : series.sentFromUpstream).inc((double) bytes);
  }

  /** An answer of {@code upstream} begins to go out. */
  public void transferBegan(String upstream) {
    answers.of(upstream).transfers.inc();
  }

  /** An answer of {@code upstream} has ended, well or not. */
  public void transferEnded(String upstream) {
    answers.of(upstream).transfers.dec();
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
    evictedImages.labelValues(upstream, reason).inc();
    evictedBytes.labelValues(upstream, reason).inc((double) freedBytes);
  }

  /** What was counted since the start. Reads many series, so not for each request. */
  public Counts counts() {
    return countsByUpstream().values().stream().reduce(Counts.NONE, Counts::plus);
  }

  /** The same for each upstream that something was counted of. */
  public Map<String, Counts> countsByUpstream() {
    Map<String, Long> asked = new HashMap<>();
    for (CounterDataPointSnapshot series : upstreamRequests.collect().getDataPoints()) {
      if (!Kind.OTHER.label().equals(series.getLabels().get("kind"))) {
        asked.merge(series.getLabels().get("upstream"), (long) series.getValue(), Long::sum);
      }
    }
    Map<String, Counts> counts = new HashMap<>();
    answers.forEach((upstream, series) -> {
      Map<String, Long> byOutcome = new LinkedHashMap<>();
      for (Outcome outcome : Outcome.values()) {
        byOutcome.put(outcome.label(), series.requests(outcome));
      }
      counts.put(
          upstream,
          new Counts(
              byOutcome,
              (long) series.transfers.get(),
              series.sentBytes(),
              asked.getOrDefault(upstream, 0L),
              (long) upstreamReceivedBytes.labelValues(upstream).get()));
    });
    return counts;
  }

  /** Whether the upstream answers, as far as is known. */
  public boolean isUpstreamUp(String upstream) {
    return value(upstreamUp, "upstream", upstream).orElse(1) != 0;
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
   * @param figures how it stands
   * @param bytes of each upstream
   * @param blobs of each upstream
   */
  public void observeStore(
      Supplier<StoreFigures> figures,
      Supplier<Map<String, Long>> bytes,
      Supplier<Map<String, Long>> blobs) {
    observeStore(
        figures,
        "weir_store_used_bytes",
        "What the store takes on the disk.",
        store -> OptionalDouble.of((double) store.usedBytes()));
    observeStore(
        figures,
        "weir_store_limit_bytes",
        "What the store may take.",
        store -> OptionalDouble.of((double) store.limitBytes()));
    observeStore(
        figures,
        "weir_store_capacity_bytes",
        "The size of the file system that holds the store.",
        store -> OptionalDouble.of((double) store.capacityBytes()));
    observeStore(
        figures,
        "weir_store_available_bytes",
        "What the file system that holds the store has left.",
        store -> OptionalDouble.of((double) store.availableBytes()));
    observeStore(
        figures,
        "weir_store_full",
        "1 from the first pull that found no room until there is room for it, otherwise 0.",
        store -> OptionalDouble.of(store.isFull() ? 1 : 0));
    observeStore(
        figures,
        "weir_store_full_in_seconds",
        "Time until the store reaches its limit, as it has grown in the last day; +Inf where it"
            + " does not grow.",
        StoreFigures::secondsUntilFull);
    families.observeByUpstream(
        "weir_store_bytes", "What is stored; shared content counts for each.", bytes);
    families.observeByUpstream(
        "weir_store_blobs", "How many manifests and blobs are stored.", blobs);
  }

  private void observeStore(
      Supplier<StoreFigures> figures,
      String name,
      String help,
      Function<StoreFigures, OptionalDouble> figure) {
    families.observe(name, help, () -> figure.apply(figures.get()));
  }

  /**
   * Shows what is known of rate limits when the metrics are read.
   *
   * @param limits of each upstream that has said something of one
   */
  public void observeRateLimits(Supplier<Map<String, RateLimitFigures>> limits) {
    observeRateLimits(
        "weir_upstream_ratelimit_remaining",
        "What the upstream's rate limit last left, while its window lasts.",
        limits,
        RateLimitFigures::remaining);
    observeRateLimits(
        "weir_upstream_ratelimit_limit",
        "How many requests the upstream's rate limit allows in its window.",
        limits,
        RateLimitFigures::limit);
    observeRateLimits(
        "weir_upstream_ratelimit_window_seconds",
        "The window of the upstream's rate limit.",
        limits,
        limit -> limit.window().map(Duration::toSeconds));
  }

  private void observeRateLimits(
      String name,
      String help,
      Supplier<Map<String, RateLimitFigures>> limits,
      Function<RateLimitFigures, Optional<Long>> figure) {
    families.observeByUpstream(
        name,
        help,
        () -> {
          Map<String, Long> figures = new HashMap<>();
          limits
              .get()
              .forEach((upstream, limit) ->
                  figure.apply(limit).ifPresent(value -> figures.put(upstream, value)));
          return figures;
        });
  }

  /** Shows whether pulls can be answered, as it is when the metrics are read. */
  public void observeReadiness(BooleanSupplier isReady) {
    families.observe(
        "weir_ready",
        "1 while pulls can be answered, as /readyz says, otherwise 0.",
        () -> OptionalDouble.of(isReady.getAsBoolean() ? 1 : 0));
  }

  /** Shows when it was last looked what has to leave the store, once it was. */
  public void observeRetention(Supplier<Optional<Instant>> lastRun) {
    observe(
        "weir_retention_last_run_timestamp_seconds",
        "When it was last looked what has to leave the store, in seconds since 1970.",
        lastRun,
        Instant::getEpochSecond);
  }

  /** Shows what came of the last scrub that read all that is stored, once there was one. */
  public void observeScrub(Supplier<Optional<ScrubFigures>> last) {
    observe(
        "weir_scrub_last_run_timestamp_seconds",
        "When all that is stored had last been verified, in seconds since 1970.",
        last,
        scrub -> scrub.ended().getEpochSecond());
    observe(
        "weir_scrub_last_verified_bytes",
        "Bytes that the last scrub read.",
        last,
        ScrubFigures::bytes);
    observe(
        "weir_scrub_last_damaged_blobs",
        "Blobs that the last scrub found to be damaged.",
        last,
        ScrubFigures::damaged);
    observe(
        "weir_scrub_last_missing_blobs",
        "Blobs that the last scrub did not find any more.",
        last,
        ScrubFigures::missing);
  }

  private <T> void observe(
      String name, String help, Supplier<Optional<T>> source, ToLongFunction<T> figure) {
    families.observe(
        name,
        help,
        () ->
            source
                .get()
                .map(present -> OptionalDouble.of((double) figure.applyAsLong(present)))
                .orElse(OptionalDouble.empty()));
  }

  /** Shows how many lines of the log were lost since the start. */
  public void observeLog(LongSupplier lostLines) {
    families.observeTotal(
        "weir_log_lines_lost_total",
        "Lines of the log that were lost, because it was not taken fast enough.",
        lostLines);
  }

  /** Shows how many spans were lost since the start. */
  public void observeTraces(LongSupplier lostSpans) {
    families.observeTotal(
        "weir_spans_lost_total",
        "Spans that were lost, because the collector was away or too slow, or refused them.",
        lostSpans);
  }

  /**
   * Shows how many blobs are on their way, as it is when the metrics are read.
   *
   * @param fetches of each upstream that has some
   */
  public void observeFetches(Supplier<Map<String, Long>> fetches) {
    families.observeByUpstream(
        "weir_fetches",
        "Blobs on their way from the upstream to the store.",
        () -> {
          Map<String, Long> all = new HashMap<>();
          answers.forEach((upstream, _) -> all.put(upstream, 0L));
          all.putAll(fetches.get());
          return all;
        });
  }

  /** A password that was not known yet was looked at, or would have been. */
  public void login(Login result) {
    logins.labelValues(result.label()).inc();
  }

  /** Content that did not match its digest. */
  public void integrityFailure(String upstream, Where where) {
    integrityFailures.labelValues(upstream, where.label()).inc();
  }
}
