package io.weir.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A collector of traces on a loopback port: takes OTLP over HTTP, as it is on the wire, and keeps
 * what it gets. Thread-safe.
 */
public final class TraceCollector implements AutoCloseable {

  private static final String PATH = "/v1/traces";

  private final HttpServer server;
  private final List<Span> spans = new CopyOnWriteArrayList<>();
  private final List<Map<String, List<String>>> requests = new CopyOnWriteArrayList<>();
  private volatile int status = 200;

  /**
   * A span as it was sent.
   *
   * @param kind {@code SERVER}, {@code CLIENT} or {@code INTERNAL}
   * @param parentId empty for the first of a trace
   * @param attributes texts and numbers, by name
   * @param links the numbers of the spans that it is linked to
   * @param isError whether its status is
   * @param resource the attributes of who sent it
   */
  public record Span(
      String name,
      String kind,
      String traceId,
      String id,
      String parentId,
      String traceState,
      long startNanos,
      Map<String, Object> attributes,
      List<String> links,
      boolean isError,
      Map<String, Object> resource) {

    /** An attribute as text; empty where there is none. */
    public String text(String attribute) {
      return String.valueOf(attributes.getOrDefault(attribute, ""));
    }
  }

  private TraceCollector() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::take);
    server.start();
  }

  /** A collector that takes everything. */
  public static TraceCollector start() {
    try {
      return new TraceCollector();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its URL, such as {@code http://127.0.0.1:40123}. */
  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Answers everything with a status, and keeps the spans only where that is 200. */
  public void answer(int status) {
    this.status = status;
  }

  /** The spans so far, in the order in which they began. */
  public List<Span> spans() {
    return spans.stream().sorted(Comparator.comparingLong(Span::startNanos)).toList();
  }

  /** The spans of a kind and a name. */
  public List<Span> spans(String kind, String name) {
    return spans().stream()
        .filter(span -> span.kind().equals(kind) && span.name().equals(name))
        .toList();
  }

  /** The spans right below another. */
  public List<Span> below(Span parent) {
    return spans().stream().filter(span -> span.parentId().equals(parent.id())).toList();
  }

  /** The headers of each request so far, by name, whose case does not matter. */
  public List<Map<String, List<String>>> requests() {
    return List.copyOf(requests);
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      headers.putAll(exchange.getRequestHeaders());
      requests.add(headers);
      boolean isTraces = exchange.getRequestURI().getPath().equals(PATH);
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (isTraces && status == 200) {
        ExportTraceServiceRequest.parseFrom(body).getResourceSpansList().forEach(this::take);
      }
      exchange.sendResponseHeaders(isTraces ? status : 404, -1);
    }
  }

  private void take(ResourceSpans sent) {
    Map<String, Object> resource = attributes(sent.getResource().getAttributesList());
    for (ScopeSpans scope : sent.getScopeSpansList()) {
      scope.getSpansList().forEach(span -> spans.add(span(span, resource)));
    }
  }

  private static Span span(
      io.opentelemetry.proto.trace.v1.Span span, Map<String, Object> resource) {
    return new Span(
        span.getName(),
        span.getKind().name().substring("SPAN_KIND_".length()),
        HexFormat.of().formatHex(span.getTraceId().toByteArray()),
        HexFormat.of().formatHex(span.getSpanId().toByteArray()),
        HexFormat.of().formatHex(span.getParentSpanId().toByteArray()),
        span.getTraceState(),
        span.getStartTimeUnixNano(),
        attributes(span.getAttributesList()),
        span.getLinksList().stream()
            .map(link -> HexFormat.of().formatHex(link.getSpanId().toByteArray()))
            .toList(),
        span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR,
        resource);
  }

  private static Map<String, Object> attributes(List<KeyValue> pairs) {
    Map<String, Object> attributes = new TreeMap<>();
    pairs.forEach(pair -> attributes.put(pair.getKey(), value(pair.getValue())));
    return attributes;
  }

  private static Object value(AnyValue value) {
    return value.hasIntValue() ? (Object) value.getIntValue() : value.getStringValue();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
