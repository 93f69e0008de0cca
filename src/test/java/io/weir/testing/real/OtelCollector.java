package io.weir.testing.real;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;

/**
 * The OpenTelemetry Collector, any build of it that has a receiver for OTLP and an exporter by OTLP
 * over HTTP: takes what is sent to it and passes it on as it understood it.
 */
public final class OtelCollector extends Daemon {

  /** What it is called on the {@code PATH}. */
  public static final String PROGRAM = "otelcol";

  private final int port = Ports.free();

  private OtelCollector(URI next) {
    super(PROGRAM);
    folder().write("config.yaml", config(next));
  }

  /** One that passes everything on to {@code next}, at once and not compressed. */
  public static OtelCollector before(URI next) {
    OtelCollector collector = new OtelCollector(next);
    collector.startOrClose();
    return collector;
  }

  private String config(URI next) {
    return """
    receivers:
      otlp: {protocols: {http: {endpoint: 127.0.0.1:%d}}}
    exporters:
      otlphttp: {endpoint: %s, compression: none}
    service:
      telemetry: {metrics: {level: none}}
      pipelines:
        traces: {receivers: [otlp], exporters: [otlphttp]}
    """
        .formatted(port, next);
  }

  @Override
  protected Command command() {
    return Command.of(PROGRAM, "--config", folder().resolve("config.yaml").toString())
        .withHome(folder().path());
  }

  @Override
  protected boolean ready() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    }
  }

  /** {@code http://127.0.0.1:PORT}. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }
}
