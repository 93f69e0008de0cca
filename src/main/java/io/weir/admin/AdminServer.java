package io.weir.admin;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.weir.config.Address;
import io.weir.config.Config;
import io.weir.metrics.Metrics;
import io.weir.web.Asset;
import io.weir.web.Assets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener for operators: {@code /healthz}, {@code /readyz} and {@code /metrics}, open to
 * whoever reaches it like the {@link WebPage}, and the API below {@code /api/}, which {@link
 * Access} guards. What goes wrong is answered with a {@link Problem}.
 */
public final class AdminServer implements AutoCloseable {

  private static final String NOTHING_HERE =
      "here are the web page at /, /healthz, /readyz, /metrics, and what /api/v1/openapi.json describes";

  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

  /** To evict some ten thousand images takes minutes, and nothing is sent meanwhile. */
  private static final int IDLE_SECONDS_MAX = 600;

  /** A query may hold certificates. */
  private static final int LINE_BYTES_MAX = 64 << 10;

  private final Vertx vertx;
  private final Address listen;
  private final MetricsPage metrics;
  private final Assets assets = new Assets();
  private final Readiness readiness;
  private final Api api;
  private final HttpServer server;

  /**
   * A server that does not listen yet.
   *
   * @param readiness what {@code /readyz} says
   * @param rooms what the API shows and operates
   */
  public AdminServer(Vertx vertx, Config.Admin admin, Readiness readiness, Rooms rooms) {
    this(vertx, admin.listen(), rooms.metrics(), readiness, Api.of(vertx, admin, readiness, rooms));
  }

  AdminServer(Vertx vertx, Address listen, Metrics metrics, Readiness readiness, Api api) {
    this.vertx = vertx;
    this.listen = listen;
    this.metrics = new MetricsPage(metrics.registry());
    this.readiness = readiness;
    this.api = api;
    this.server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setIdleTimeout(IDLE_SECONDS_MAX)
                    .setMaxInitialLineLength(LINE_BYTES_MAX))
            .requestHandler(this::answer)
            .invalidRequestHandler(AdminServer::refuseMalformed);
  }

  /**
   * Listens. Returns when requests are answered. Blocks, so not for event loops.
   *
   * @throws IOException where the address cannot be listened on
   */
  public void start() throws IOException {
    try {
      server.listen(listen.port(), listen.host()).toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      Throwable cause = Optional.ofNullable(e.getCause()).orElse(e);
      throw new IOException(
          "cannot listen on %s: %s; choose another address as admin.listen or with --admin"
              .formatted(listen, cause.getMessage()),
          cause);
    }
  }

  /** Where it listens, with the port that the system chose if that was left to it. */
  public InetSocketAddress address() {
    return new InetSocketAddress(listen.host(), server.actualPort());
  }

  /**
   * Stops listening, drops all connections, cancels jobs, and waits until what was under way has
   * ended. Blocks, so not for event loops.
   */
  @Override
  public void close() {
    server.close().toCompletionStage().toCompletableFuture().join();
    api.close();
  }

  private void answer(HttpServerRequest request) {
    String path = Optional.ofNullable(request.path()).orElse("");
    switch (path) {
      case "/healthz" -> ifReading(request, () -> text(request, 200, "ok"));
      case "/readyz" -> ifReading(request, () -> readiness(request));
      case "/metrics" -> ifReading(request, () -> metrics(request));
      default -> {
        if (path.startsWith("/api/")) {
          api.answer(request);
        } else {
          file(request, path);
        }
      }
    }
  }

  private static void ifReading(HttpServerRequest request, Runnable answer) {
    if (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD)) {
      answer.run();
      return;
    }
    Api.refuse(
        request,
        new Refusal(405, "this can be read with GET and HEAD", Map.of("Allow", "GET, HEAD")));
  }

  /** What could not be read as a request at all. */
  private static void refuseMalformed(HttpServerRequest request) {
    request.response().putHeader("Connection", "close");
    Api.refuse(
        request,
        new Refusal(400, "this is not HTTP, or its first line or its headers are too long"));
  }

  private void readiness(HttpServerRequest request) {
    readiness
        .obstacle()
        .ifPresentOrElse(why -> text(request, 503, why), () -> text(request, 200, "ready"));
  }

  /** Written on a worker thread. */
  private void metrics(HttpServerRequest request) {
    String accept = request.getHeader("Accept");
    vertx
        .executeBlocking(() -> metrics.write(accept))
        .onSuccess(page -> send(request, 200, page.contentType(), Buffer.buffer(page.content())))
        .onFailure(failure -> {
          LOG.error("cannot write the metrics", failure);
          Api.refuse(request, new Refusal(500, "the metrics could not be written"));
        });
  }

  /** Found on a worker thread, where it is read from the class path the first time. */
  private void file(HttpServerRequest request, String path) {
    vertx
        .executeBlocking(() -> assets.find(path))
        .onSuccess(found -> file(request, found))
        .onFailure(failure -> {
          LOG.error("cannot read a file of the web page", failure);
          Api.refuse(request, new Refusal(500, "the web page could not be read"));
        });
  }

  private static void file(HttpServerRequest request, Optional<Asset> found) {
    found.ifPresentOrElse(
        asset -> ifReading(request, () -> WebPage.answer(request, asset)),
        () -> Api.refuse(request, new Refusal(404, NOTHING_HERE)));
  }

  private static void text(HttpServerRequest request, int status, String line) {
    send(request, status, "text/plain; charset=utf-8", Buffer.buffer(line + '\n'));
  }

  private static void send(HttpServerRequest request, int status, String type, Buffer body) {
    var response = request.response().setStatusCode(status).putHeader("Content-Type", type);
    if (request.method().equals(HttpMethod.HEAD)) {
      response.putHeader("Content-Length", Integer.toString(body.length())).end();
    } else {
      response.end(body);
    }
  }
}
