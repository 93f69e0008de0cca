package io.weir.tracing;

import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.util.function.BiConsumer;

/** A span of OpenTelemetry, recorded or not. */
final class OtelSpan implements Span {

  private final OtelTracing tracing;
  private final io.opentelemetry.api.trace.Span span;

  OtelSpan(OtelTracing tracing, io.opentelemetry.api.trace.Span span) {
    this.tracing = tracing;
    this.span = span;
  }

  @Override
  public Span child(String name) {
    return below(name, SpanKind.INTERNAL);
  }

  @Override
  public Span call(String name) {
    return below(name, SpanKind.CLIENT);
  }

  private Span below(String name, SpanKind kind) {
    return isRecorded()
        ? begin(tracing.tracer().spanBuilder(name).setSpanKind(kind).setParent(context()))
        : this;
  }

  @Override
  public Span aftermath() {
    return isRecorded() ? new Aftermath(this) : NONE;
  }

  /** Begins the first span of another trace, which says that it came of this one. */
  Span beginAfter(String name, SpanKind kind) {
    return begin(
        tracing
            .tracer()
            .spanBuilder(name)
            .setSpanKind(kind)
            .setNoParent()
            .addLink(span.getSpanContext()));
  }

  private Span begin(SpanBuilder builder) {
    return new OtelSpan(tracing, builder.startSpan());
  }

  private Context context() {
    return Context.root().with(span);
  }

  @Override
  public void rename(String name) {
    span.updateName(name);
  }

  @Override
  public Span set(String attribute, String value) {
    if (!value.isEmpty()) {
      span.setAttribute(attribute, value);
    }
    return this;
  }

  @Override
  public Span set(String attribute, long value) {
    span.setAttribute(attribute, value);
    return this;
  }

  @Override
  public Span about(String upstream, String repository, String reference) {
    return set("weir.upstream", upstream)
        .set("weir.repository", repository)
        .set("weir.reference", reference);
  }

  @Override
  public void link(Span other) {
    if (other instanceof OtelSpan that && that.isRecorded()) {
      span.addLink(that.span.getSpanContext());
    }
  }

  @Override
  public void fail(String type, String message) {
    span.setAttribute("error.type", type).setStatus(StatusCode.ERROR, message);
  }

  @Override
  public void fail(RuntimeException cause) {
    if (cause instanceof Failure failure) {
      fail(failure.errorType(), String.valueOf(cause.getMessage()));
    } else {
      fail(cause.getClass().getName(), "");
    }
  }

  @Override
  public void end() {
    span.end();
  }

  /** Also after its end, since what it began may go on. */
  @Override
  public boolean isRecorded() {
    return span.getSpanContext().isSampled();
  }

  @Override
  public String traceId() {
    SpanContext context = span.getSpanContext();
    return context.isSampled() ? context.getTraceId() : "";
  }

  @Override
  public void propagate(BiConsumer<String, String> header) {
    W3CTraceContextPropagator.getInstance()
        .inject(
            context(),
            header,
            (carrier, name, value) -> {
              if (carrier != null) {
                carrier.accept(name, value);
              }
            });
  }

  @Override
  public void run(Runnable work) {
    ScopedValue.where(CurrentSpan.VALUE, this).run(work);
  }

  @Override
  public void complete(Runnable work) {
    try {
      run(work);
    } catch (RuntimeException e) {
      fail(e);
      throw e;
    } finally {
      end();
    }
  }
}
