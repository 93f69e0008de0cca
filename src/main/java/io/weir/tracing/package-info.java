/**
 * Traces: what each pull did, as spans of OpenTelemetry. Off unless somebody asks for it.
 *
 * <p>{@link io.weir.tracing.Tracing} begins the span of a request, {@link io.weir.tracing.Span}
 * those below it; the other rooms know these two only, and with traces off both do nothing. The
 * library stays behind them: none of its classes is loaded before {@link
 * io.weir.tracing.Tracing#start} has found a collector to send to.
 */
@NullMarked
package io.weir.tracing;

import org.jspecify.annotations.NullMarked;
