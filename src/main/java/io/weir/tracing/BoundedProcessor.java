package io.weir.tracing;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;

/**
 * Stands before the SDK's queue and turns away what has no place there. The SDK would do so, too,
 * and tell only a metrics SDK of its own.
 */
final class BoundedProcessor implements SpanProcessor {

  private final SpanProcessor queue;
  private final Backlog backlog;
  private final int waitingMax;

  /**
   * @param waitingMax no more than the queue holds
   */
  BoundedProcessor(SpanProcessor queue, Backlog backlog, int waitingMax) {
    this.queue = queue;
    this.backlog = backlog;
    this.waitingMax = waitingMax;
  }

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {
    queue.onStart(parent, span);
  }

  @Override
  public boolean isStartRequired() {
    return queue.isStartRequired();
  }

  @Override
  public void onEnd(ReadableSpan span) {
    if (span.getSpanContext().isSampled() && backlog.admit(waitingMax)) {
      queue.onEnd(span);
    }
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  @Override
  public CompletableResultCode shutdown() {
    return queue.shutdown();
  }

  @Override
  public CompletableResultCode forceFlush() {
    return queue.forceFlush();
  }
}
