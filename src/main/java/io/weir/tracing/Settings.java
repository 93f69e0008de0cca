package io.weir.tracing;

import io.weir.config.Config;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the OpenTelemetry SDK is told: its own properties, made of the configuration and, where that
 * says nothing, of the environment. It has no {@code toString()}: headers may hold a secret.
 */
final class Settings {

  /** A property has the name of its environment variable, in lower case and with dots. */
  private static final String PREFIX = "OTEL_";

  private static final String ENDPOINT = "otel.exporter.otlp.endpoint";
  private static final String TRACES_ENDPOINT = "otel.exporter.otlp.traces.endpoint";
  private static final String TRACES_PATH = "/v1/traces";
  private static final String PROTOCOL = "otel.exporter.otlp.protocol";
  private static final String TRACES_PROTOCOL = "otel.exporter.otlp.traces.protocol";
  private static final String HTTP = "http/protobuf";
  private static final String EXPORTER = "otel.traces.exporter";
  private static final String OTLP = "otlp";
  private static final String DISABLED = "otel.sdk.disabled";
  private static final String SAMPLER = "otel.traces.sampler";
  private static final String SAMPLER_ARGUMENT = "otel.traces.sampler.arg";
  private static final String SERVICE_NAME = "otel.service.name";
  private static final String RESOURCE_ATTRIBUTES = "otel.resource.attributes";

  /** How many spans wait. */
  static final String QUEUE_SIZE = "otel.bsp.max.queue.size";

  private static final String VALUE_LENGTH = "otel.attribute.value.length.limit";

  /** Clients choose paths and user agents, of which thousands of spans may hold one each. */
  private static final String VALUE_LENGTH_MAX = "1024";

  private final Map<String, String> properties = new HashMap<>();

  private Settings() {}

  static Settings of(Config.Tracing config, Map<String, String> environment) {
    Settings settings = new Settings();
    settings.read(environment);
    settings.read(config);
    settings.complete();
    return settings;
  }

  private void read(Map<String, String> environment) {
    environment.forEach((name, value) -> {
      if (name.startsWith(PREFIX) && !value.isBlank()) {
        properties.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value.strip());
      }
    });
  }

  private void read(Config.Tracing config) {
    config
        .endpoint()
        .ifPresent(url -> {
          properties.put(TRACES_ENDPOINT, url + TRACES_PATH);
          properties.put(TRACES_PROTOCOL, HTTP);
          properties.put(EXPORTER, OTLP);
        });
    config
        .sampleRatio()
        .ifPresent(ratio -> {
          properties.put(SAMPLER, "parentbased_traceidratio");
          properties.put(SAMPLER_ARGUMENT, ratio.toString());
        });
    config.serviceName().ifPresent(name -> properties.put(SERVICE_NAME, name));
  }

  private void complete() {
    if (!properties.getOrDefault(RESOURCE_ATTRIBUTES, "").contains("service.name=")) {
      properties.putIfAbsent(SERVICE_NAME, "weir");
    }
    properties.putIfAbsent(EXPORTER, OTLP);
    properties.putIfAbsent(PROTOCOL, HTTP);
    properties.putIfAbsent(VALUE_LENGTH, VALUE_LENGTH_MAX);
    // Metrics and logs have other ways out of here, and W3C Trace Context is the only one in.
    properties.put("otel.metrics.exporter", "none");
    properties.put("otel.logs.exporter", "none");
    properties.put("otel.propagators", "tracecontext");
  }

  /** Whether there is a collector, and nobody has said that it is to get nothing. */
  boolean areOn() {
    return endpoint() != null
        && !"none".equals(properties.get(EXPORTER))
        && !Boolean.parseBoolean(properties.get(DISABLED));
  }

  private @Nullable String endpoint() {
    String traces = properties.get(TRACES_ENDPOINT);
    return traces != null ? traces : properties.get(ENDPOINT);
  }

  /** What of the settings is not possible here. */
  Optional<String> obstacle() {
    if (!OTLP.equals(properties.get(EXPORTER))) {
      return Optional.of("OTEL_TRACES_EXPORTER has to be otlp, or none");
    }
    String traces = properties.get(TRACES_PROTOCOL);
    return HTTP.equals(traces != null ? traces : properties.get(PROTOCOL))
        ? Optional.empty()
        : Optional.of(
            "OTEL_EXPORTER_OTLP_PROTOCOL has to be http/protobuf, which collectors take at port"
                + " 4318; or set tracing.endpoint");
  }

  /** For the SDK. */
  Map<String, String> properties() {
    return Map.copyOf(properties);
  }

  /** The collector's scheme, host and port. */
  String place() {
    URI url = URI.create(String.valueOf(endpoint()));
    String host = url.getScheme() + "://" + url.getHost();
    return url.getPort() < 0 ? host : host + ':' + url.getPort();
  }

  /** Why the SDK does not take the settings, without what may be secret in them. */
  String problem(RuntimeException refusal) {
    String message = String.valueOf(refusal.getMessage());
    return message.toLowerCase(Locale.ROOT).contains("header")
        ? "OTEL_EXPORTER_OTLP_HEADERS has to be NAME=VALUE,NAME=VALUE, percent-encoded"
        : message;
  }
}
