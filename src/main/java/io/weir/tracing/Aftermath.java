package io.weir.tracing;

import io.opentelemetry.api.trace.SpanKind;
import java.util.function.BiConsumer;

/** {@link Span#aftermath}: no work of its own, but the cause of some. */
final class Aftermath implements Span {

  private final OtelSpan cause;

  Aftermath(OtelSpan cause) {
    this.cause = cause;
  }

  @Override
  public Span child(String name) {
    return cause.beginAfter(name, SpanKind.INTERNAL);
  }

  @Override
  public Span call(String name) {
    return cause.beginAfter(name, SpanKind.CLIENT);
  }

  @Override
  public Span aftermath() {
    return this;
  }

  @Override
  public void rename(String name) {}

  @Override
  public Span set(String attribute, String value) {
    return this;
  }

  @Override
  public Span set(String attribute, long value) {
    return this;
  }

  @Override
  public void link(Span other) {}

  @Override
  public void fail(String type, String message) {}

  @Override
  public void end() {}

  @Override
  public boolean isRecorded() {
    return true;
  }

  @Override
  public String traceId() {
    return "";
  }

  @Override
  public void propagate(BiConsumer<String, String> header) {}

  @Override
  public void run(Runnable work) {
    ScopedValue.where(CurrentSpan.VALUE, this).run(work);
  }
}
