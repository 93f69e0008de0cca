package io.weir.tracing;

/** The span of each thread's work. Bound only where something is traced. */
final class CurrentSpan {

  static final ScopedValue<Span> VALUE = ScopedValue.newInstance();

  private CurrentSpan() {}
}
