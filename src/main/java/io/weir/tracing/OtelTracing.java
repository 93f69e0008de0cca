package io.weir.tracing;

import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Traces by the OpenTelemetry SDK: spans wait in its bounded queue, and a thread of its own sends
 * them. The SDK is this object's alone; nothing is made global, and no context is bound to threads.
 */
final class OtelTracing implements Tracing {

  private static final Logger LOG = LoggerFactory.getLogger(Tracing.class);

  private static final Duration FLUSH_MAX = Duration.ofSeconds(2);

  /** That of the SDK. */
  private static final int QUEUE_SIZE_DEFAULT = 2048;

  private static final TextMapGetter<Headers> GETTER =
      new TextMapGetter<>() {
        @Override
        @SuppressWarnings("deprecation") // it still has to be there
        public Iterable<String> keys(Headers headers) {
          return List.of();
        }

        @Override
        public @Nullable String get(@Nullable Headers headers, String name) {
          return headers == null ? null : headers.get(name);
        }
      };

  private final OpenTelemetrySdk sdk;
  private final Tracer tracer;
  private final Backlog backlog;

  private OtelTracing(OpenTelemetrySdk sdk, Tracer tracer, Backlog backlog) {
    this.sdk = sdk;
    this.tracer = tracer;
    this.backlog = backlog;
  }

  /**
   * Starts the SDK; nobody is contacted yet.
   *
   * @throws RuntimeException where it cannot use the settings; {@link Settings#problem} says why
   */
  static OtelTracing start(Settings settings) {
    SdkLog.capture();
    String version = version();
    Backlog backlog = new Backlog();
    OpenTelemetrySdk sdk =
        AutoConfiguredOpenTelemetrySdk.builder()
            .disableShutdownHook()
            .addPropertiesCustomizer(_ -> settings.properties())
            .addResourceCustomizer((resource, _) -> ofVersion(version).merge(resource))
            .addSamplerCustomizer((sampler, _) -> new FollowingSampler(sampler))
            .addSpanProcessorCustomizer((queue, properties) ->
                new BoundedProcessor(
                    queue, backlog, properties.getInt(Settings.QUEUE_SIZE, QUEUE_SIZE_DEFAULT)))
            .addSpanExporterCustomizer((exporter, _) -> new CountedExporter(exporter, backlog))
            .build()
            .getOpenTelemetrySdk();
    return new OtelTracing(sdk, sdk.getTracerProvider().get("io.weir", version), backlog);
  }

  private static String version() {
    String version = OtelTracing.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }

  private static Resource ofVersion(String version) {
    return Resource.builder().put("service.version", version).build();
  }

  Tracer tracer() {
    return tracer;
  }

  @Override
  public boolean isOn() {
    return true;
  }

  @Override
  public Span begin(String name, Headers headers) {
    Context parent =
        W3CTraceContextPropagator.getInstance().extract(Context.root(), headers, GETTER);
    return new OtelSpan(
        this, tracer.spanBuilder(name).setSpanKind(SpanKind.SERVER).setParent(parent).startSpan());
  }

  @Override
  public Span begin(String name) {
    return new OtelSpan(this, tracer.spanBuilder(name).setNoParent().startSpan());
  }

  @Override
  public long lostSpans() {
    return backlog.lost();
  }

  @Override
  public void close() {
    sdk.shutdown().join(FLUSH_MAX.toMillis(), TimeUnit.MILLISECONDS);
    long lost = backlog.lost() + backlog.waiting();
    if (lost > 0) {
      LOG.warn(
          "{} of {} spans did not reach the collector: it was away, or too slow for them",
          lost,
          backlog.ended());
    }
  }
}
