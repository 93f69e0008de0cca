package io.weir.tracing;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;

/**
 * Records a trace that came of a recorded one, so that what a pull led to is seen where the pull
 * is; of all else another sampler decides.
 */
final class FollowingSampler implements Sampler {

  private final Sampler other;

  FollowingSampler(Sampler other) {
    this.other = other;
  }

  @Override
  public SamplingResult shouldSample(
      Context parent,
      String traceId,
      String name,
      SpanKind kind,
      Attributes attributes,
      List<LinkData> links) {
    boolean isFirst = !Span.fromContext(parent).getSpanContext().isValid();
    boolean follows = links.stream().anyMatch(link -> link.getSpanContext().isSampled());
    return isFirst && follows
        ? SamplingResult.recordAndSample()
        : other.shouldSample(parent, traceId, name, kind, attributes, links);
  }

  @Override
  public String getDescription() {
    return "FollowingSampler{" + other.getDescription() + '}';
  }
}
