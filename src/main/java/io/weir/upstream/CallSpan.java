package io.weir.upstream;

import io.weir.tracing.HttpRoute;
import io.weir.tracing.Span;
import org.jspecify.annotations.Nullable;

/**
 * What a trace is told of a request that is sent.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client">
 *     OpenTelemetry, semantic conventions for HTTP clients</a>
 */
final class CallSpan {

  private CallSpan() {}

  /**
   * Begins a span below that of the calling thread; where that is not recorded, it is the same one.
   *
   * @param isOwn whether the request goes to the upstream itself, and not to where that has
   *     redirected it, or to a token service
   */
  static Span begin(String upstream, Request request, boolean isOwn) {
    Span parent = Span.current();
    if (!parent.isRecorded()) {
      return parent;
    }
    Target target = request.target();
    String method = request.method().name();
    @Nullable String route = isOwn ? HttpRoute.of(request.kind()) : null;
    // The query may hold a signature; what a span holds is for more people than that.
    Span span =
        parent
            .call(route == null ? method : method + ' ' + route)
            .set("http.request.method", method)
            .set("url.full", target.toString())
            .set("server.address", target.host())
            .set("server.port", target.port())
            .set("weir.upstream", upstream);
    if (route != null) {
      span.set("url.template", route);
    }
    int sentBefore = request.sends().next();
    if (sentBefore > 0) {
      span.set("http.request.resend_count", sentBefore);
    }
    return span;
  }
}
