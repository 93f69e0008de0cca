package io.weir.tracing;

import io.weir.config.Config;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where traces begin, and the way of their spans to a collector. Thread-safe.
 *
 * <p>Nothing waits for the collector. While it is away or too slow spans are lost, and pulls go on.
 */
public interface Tracing extends AutoCloseable {

  /** No traces. */
  Tracing OFF = new NoTracing();

  /**
   * Traces to the collector that the configuration names, or else the environment; {@link #OFF}
   * where neither does, or where what the environment says cannot be used, which is then logged.
   *
   * @param environment the variables of OpenTelemetry; the configuration wins over them
   * @see <a
   *     href="https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/">
   *     OpenTelemetry, environment variables</a>
   */
  static Tracing start(Config.Tracing config, Map<String, String> environment) {
    Settings settings = Settings.of(config, environment);
    if (!settings.areOn()) {
      return OFF;
    }
    Logger log = LoggerFactory.getLogger(Tracing.class);
    Optional<String> obstacle = settings.obstacle();
    if (obstacle.isPresent()) {
      log.warn("there are no traces: {}", obstacle.get());
      return OFF;
    }
    try {
      Tracing tracing = OtelTracing.start(settings);
      log.info("traces go to {}", settings.place());
      return tracing;
    } catch (RuntimeException e) {
      log.warn("there are no traces: {}", settings.problem(e));
      return OFF;
    }
  }

  /** Whether there are any. */
  boolean isOn();

  /** The headers of a request. */
  interface Headers {

    /** The value of one, of several lines in one; null where there is none. */
    @Nullable String get(String name);
  }

  /**
   * Begins the span of a request from another process, below that process' span where the request
   * names one. The caller ends it.
   */
  Span begin(String name, Headers headers);

  /** Begins the span of work that no request asked for, and a trace with it. The caller ends it. */
  Span begin(String name);

  /**
   * How many spans were lost so far: there were too many at once, or the collector did not take
   * them.
   */
  long lostSpans();

  /** Sends what has not been sent yet, for two seconds at most, and stops. */
  @Override
  void close();
}
