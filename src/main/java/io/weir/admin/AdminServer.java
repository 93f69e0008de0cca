package io.weir.admin;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.weir.config.Address;
import io.weir.metrics.Metrics;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener for operators: {@code /healthz}, {@code /readyz}, {@code /metrics}. Anything else is
 * answered with a problem document of RFC 9457.
 */
public final class AdminServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final int IDLE_SECONDS_MAX = 60;

  private final Vertx vertx;
  private final Address listen;
  private final MetricsPage metrics;
  private final Readiness readiness;
  private final HttpServer server;

  /** A server that does not listen yet. */
  public AdminServer(Vertx vertx, Address listen, Metrics metrics, Readiness readiness) {
    this.vertx = vertx;
    this.listen = listen;
    this.metrics = new MetricsPage(metrics.registry());
    this.readiness = readiness;
    this.server =
        vertx
            .createHttpServer(new HttpServerOptions().setIdleTimeout(IDLE_SECONDS_MAX))
            .requestHandler(this::answer);
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

  /** Stops listening and drops all connections. Blocks, so not for event loops. */
  @Override
  public void close() {
    server.close().toCompletionStage().toCompletableFuture().join();
  }

  private void answer(HttpServerRequest request) {
    String path = Optional.ofNullable(request.path()).orElse("");
    switch (path) {
      case "/healthz" -> ifReading(request, () -> text(request, 200, "ok"));
      case "/readyz" -> ifReading(request, () -> readiness(request));
      case "/metrics" -> ifReading(request, () -> metrics(request));
      default -> problem(request, 404, "Not Found", "here are /healthz, /readyz and /metrics");
    }
  }

  private static void ifReading(HttpServerRequest request, Runnable answer) {
    if (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD)) {
      answer.run();
      return;
    }
    request.response().putHeader("Allow", "GET, HEAD");
    problem(request, 405, "Method Not Allowed", "this can be read with GET and HEAD");
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
          problem(request, 500, "Internal Server Error", "the metrics could not be written");
        });
  }

  private static void text(HttpServerRequest request, int status, String line) {
    send(request, status, "text/plain; charset=utf-8", Buffer.buffer(line + '\n'));
  }

  private static void problem(HttpServerRequest request, int status, String title, String detail) {
    JsonObject problem =
        new JsonObject()
            .put("type", "about:blank")
            .put("title", title)
            .put("status", status)
            .put("detail", detail);
    send(request, status, "application/problem+json", problem.toBuffer());
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
