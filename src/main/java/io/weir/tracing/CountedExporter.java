package io.weir.tracing;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.LongAdder;

/** Counts the spans that a collector has taken. */
final class CountedExporter implements SpanExporter {

  private final SpanExporter exporter;
  private final LongAdder delivered;

  CountedExporter(SpanExporter exporter, LongAdder delivered) {
    this.exporter = exporter;
    this.delivered = delivered;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int count = spans.size(); // the collection is the caller's, who uses it again
    CompletableResultCode sent = exporter.export(spans);
    return sent.whenComplete(() -> {
      if (sent.isSuccess()) {
        delivered.add(count);
      }
    });
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
