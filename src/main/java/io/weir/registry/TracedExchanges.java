package io.weir.registry;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.weir.metrics.Kind;
import io.weir.oci.Origin;
import io.weir.tracing.HttpRoute;
import io.weir.tracing.Span;
import io.weir.tracing.Tracing;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gives each request a span, from its head to the end of its answer. Stands before the observer of
 * exchanges where there are traces, and only there.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server">
 *     OpenTelemetry, semantic conventions for HTTP servers</a>
 */
final class TracedExchanges implements Exchange.Observer {

  /** Of others a client could make up any number. */
  private static final Set<String> METHODS =
      Set.of("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE");

  private static final Pattern PORT = Pattern.compile(":[0-9]*$");

  private final Tracing tracing;
  private final Exchange.Observer observer;

  TracedExchanges(Tracing tracing, Exchange.Observer observer) {
    this.tracing = tracing;
    this.observer = observer;
  }

  @Override
  public void began(Exchange exchange) {
    HttpHeaders headers = exchange.request().headers();
    Span span =
        tracing.begin(
            method(exchange),
            name -> {
              List<String> lines = headers.getAll(name);
              return lines.isEmpty() ? null : String.join(",", lines);
            });
    exchange.trace(span);
    if (span.isRecorded()) {
      describeRequest(exchange, span);
    }
    observer.began(exchange);
  }

  @Override
  public void sending(Exchange exchange) {
    observer.sending(exchange);
  }

  @Override
  public void ended(Exchange exchange) {
    Span span = exchange.span();
    if (span.isRecorded()) {
      describeAnswer(exchange, span);
    }
    span.end();
    observer.ended(exchange);
  }

  private static String method(Exchange exchange) {
    String method = exchange.request().method().name();
    return METHODS.contains(method) ? method : "HTTP";
  }

  private static void describeRequest(Exchange exchange, Span span) {
    HttpRequest request = exchange.request();
    String method = request.method().name();
    if (METHODS.contains(method)) {
      span.set("http.request.method", method);
    } else {
      span.set("http.request.method", "_OTHER").set("http.request.method_original", method);
    }
    span.set("url.scheme", exchange.wire() == Wire.PLAIN ? "http" : "https")
        .set("url.path", path(request))
        .set("network.protocol.version", version(exchange));
    setIfThere(span, "user_agent.original", exchange.header(HttpHeaderNames.USER_AGENT));
    String host = exchange.header(HttpHeaderNames.HOST);
    setIfThere(span, "server.address", host == null ? null : PORT.matcher(host).replaceFirst(""));
    if (exchange.context().channel().localAddress() instanceof InetSocketAddress address) {
      span.set("server.port", address.getPort());
    }
    Client client = exchange.entrance().client();
    setIfThere(span, "client.address", client.address() == null ? null : client.text());
  }

  private static String path(HttpRequest request) {
    String uri = request.uri();
    int mark = uri.indexOf('?');
    return mark < 0 ? uri : uri.substring(0, mark);
  }

  private static String version(Exchange exchange) {
    return exchange.wire() == Wire.STREAM
        ? "2"
        : exchange.request().protocolVersion().majorVersion()
            + "."
            + exchange.request().protocolVersion().minorVersion();
  }

  private static void describeAnswer(Exchange exchange, Span span) {
    String route = route(exchange);
    if (route != null) {
      span.rename(method(exchange) + ' ' + route);
      span.set("http.route", route);
    }
    Origin origin = exchange.origin();
    if (origin != null) {
      span.about(origin.upstream(), origin.repository().name(), exchange.reference());
    }
    span.set("weir.outcome", exchange.outcome().label())
        .set("weir.cache_status", exchange.cacheHeader())
        .set("http.response.body.size", exchange.bodyBytes());
    int status = exchange.httpStatus();
    if (status > 0) {
      span.set("http.response.status_code", status);
    }
    if (exchange.isAborted()) {
      span.fail("aborted", "the answer was cut short");
    } else if (status >= 500) {
      span.fail(Integer.toString(status), "");
    }
  }

  private static @Nullable String route(Exchange exchange) {
    boolean isPing = exchange.kind() == Kind.OTHER && path(exchange.request()).equals("/v2/");
    return isPing ? "/v2/" : HttpRoute.of(exchange.kind());
  }

  private static void setIfThere(Span span, String attribute, @Nullable String value) {
    if (value != null) {
      span.set(attribute, value);
    }
  }
}
