package io.weir.registry;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.weir.metrics.Kind;
import io.weir.oci.Origin;
import io.weir.tracing.HttpRoute;
import io.weir.tracing.Span;
import io.weir.tracing.Tracing;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
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

  /** A name or an address, of version 6 in brackets, and perhaps a port. */
  private static final Pattern HOST =
      Pattern.compile("(?:\\[(?<v6>[^]]+)]|(?<name>[^]:\\[]+))(?::(?<port>[0-9]{1,5}))?");

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
    return isReadable(exchange) && METHODS.contains(method) ? method : "HTTP";
  }

  /** Of a head that is no HTTP, such as that of TLS at a port without, nothing is known. */
  private static boolean isReadable(Exchange exchange) {
    return exchange.request().decoderResult().isSuccess();
  }

  private static void describeRequest(Exchange exchange, Span span) {
    Client client = exchange.entrance().client();
    setIfThere(span, "client.address", client.address() == null ? null : client.text());
    if (!isReadable(exchange)) {
      span.set("http.request.method", "_OTHER");
      return;
    }
    HttpRequest request = exchange.request();
    String method = request.method().name();
    if (METHODS.contains(method)) {
      span.set("http.request.method", method);
    } else {
      span.set("http.request.method", "_OTHER").set("http.request.method_original", method);
    }
    String scheme = exchange.wire() == Wire.PLAIN ? "http" : "https";
    span.set("url.scheme", scheme)
        .set("url.path", path(request))
        .set("network.protocol.version", version(exchange));
    setIfThere(span, "user_agent.original", exchange.header(HttpHeaderNames.USER_AGENT));
    describeServer(exchange.header(HttpHeaderNames.HOST), scheme, span);
  }

  /** By the name and the port that the client knows, which need not be those of this machine. */
  private static void describeServer(@Nullable String host, String scheme, Span span) {
    Matcher parts = HOST.matcher(host == null ? "" : host);
    if (parts.matches()) {
      String name = parts.group("name");
      String port = parts.group("port");
      span.set("server.address", name != null ? name : parts.group("v6"))
          .set("server.port", port != null ? Long.parseLong(port) : standardPort(scheme));
    }
  }

  private static long standardPort(String scheme) {
    return scheme.equals("https") ? 443 : 80;
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
      span.about(origin.upstream(), origin.repository().name(), exchange.reference())
          .set("weir.outcome", exchange.outcome().label())
          .set("weir.cache_status", exchange.cacheHeader());
    }
    span.set("http.response.body.size", exchange.bodyBytes());
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
