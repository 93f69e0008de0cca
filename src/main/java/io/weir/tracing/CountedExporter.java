package io.weir.tracing;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;

/** Tells the backlog which spans the collector has taken, and which it has not. */
final class CountedExporter implements SpanExporter {

  private final SpanExporter exporter;
  private final Backlog backlog;

  CountedExporter(SpanExporter exporter, Backlog backlog) {
    this.exporter = exporter;
    this.backlog = backlog;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int count = spans.size(); // the collection is the caller's, who uses it again
    CompletableResultCode sent;
    try {
      sent = exporter.export(spans);
    } catch (RuntimeException e) {
      backlog.settle(count, false);
      throw e;
    }
    return sent.whenComplete(() -> backlog.settle(count, sent.isSuccess()));
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}
