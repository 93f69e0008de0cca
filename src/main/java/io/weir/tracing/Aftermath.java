package io.weir.tracing;

import io.opentelemetry.api.trace.SpanKind;

/** {@link Span#aftermath}: no work of its own, but the cause of some. */
final class Aftermath extends NoSpan {

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
  public boolean isRecorded() {
    return true;
  }

  @Override
  public void run(Runnable work) {
    ScopedValue.where(CurrentSpan.VALUE, this).run(work);
  }
}
