package io.weir.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Makes metric families.
 *
 * @param registry what shows them
 */
record Families(PrometheusRegistry registry) {

  private static final double[] SECONDS = {
    0.001, 0.005, 0.02, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300
  };

  Counter counter(String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  Gauge gauge(String name, String help, String... labels) {
    return Gauge.builder().name(name).help(help).labelNames(labels).register(registry);
  }

  /** A histogram of durations. */
  Histogram seconds(String name, String help, String... labels) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .unit(Unit.SECONDS)
        .labelNames(labels)
        .classicUpperBounds(SECONDS)
        .register(registry);
  }

  /** A gauge that is asked for when the metrics are read; absent while its value is. */
  void observe(String name, String help, Supplier<OptionalDouble> value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(gauge -> value.get().ifPresent(gauge::call))
        .register(registry);
  }

  /** A counter that is asked for when the metrics are read. */
  void observeTotal(String name, String help, LongSupplier total) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(counter -> counter.call((double) total.getAsLong()))
        .register(registry);
  }

  /** A gauge that is asked for when the metrics are read, for each upstream. */
  void observeByUpstream(String name, String help, Supplier<Map<String, Long>> values) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("upstream")
        .callback(gauge ->
            values.get().forEach((upstream, value) -> gauge.call((double) value, upstream)))
        .register(registry);
  }
}
