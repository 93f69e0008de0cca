package io.weir.admin;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.weir.config.Config;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API below {@code /api/}: reads a request on its event loop, answers it on a virtual thread.
 *
 * <p>A page of a browser is told nothing that it could keep or misread: answers are not cached, and
 * are of the type that they say.
 */
final class Api implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Api.class);

  /** Enough for any pattern; nothing longer is ever sent here. */
  static final int BODY_BYTES_MAX = 64 << 10;

  private final Vertx vertx;
  private final Access access;
  private final Router router;
  private final Jobs jobs;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("api").factory());

  Api(Vertx vertx, Config.Admin admin, Jobs jobs, List<Route> routes) {
    this.vertx = vertx;
    this.access = new Access(admin);
    this.jobs = jobs;
    this.router = new Router(routes);
  }

  /** All that there is. */
  static Api of(Vertx vertx, Config.Admin admin, Readiness readiness, Rooms rooms) {
    Jobs jobs = new Jobs(rooms.clock());
    UpstreamRoutes upstreams = new UpstreamRoutes(rooms);
    List<Route> routes =
        Stream.of(
                new StatusRoutes(rooms, readiness, upstreams).routes(),
                upstreams.routes(),
                new ImageRoutes(rooms).routes(),
                new PinRoutes(rooms.space().retention().pins()).routes(),
                new JobRoutes(rooms, jobs).routes(),
                List.of(Route.get("/api/v1/openapi.json", _ -> Reply.ok(Description.read()))))
            .flatMap(List::stream)
            .toList();
    return new Api(vertx, admin, jobs, routes);
  }

  /** What it answers. */
  List<Route> routes() {
    return router.routes();
  }

  /** Answers a request when it has come to its end. Does not block. */
  void answer(HttpServerRequest request) {
    Context eventLoop = vertx.getOrCreateContext();
    Buffer body = Buffer.buffer();
    request.handler(piece -> {
      if (body.length() + piece.length() <= BODY_BYTES_MAX) {
        body.appendBuffer(piece);
      } else if (!request.response().ended()) {
        tooLarge(request);
      }
    });
    request.endHandler(_ -> {
      if (!request.response().ended()) {
        threads.execute(() -> {
          Reply reply = reply(request, body.getBytes());
          Buffer document = document(reply);
          eventLoop.runOnContext(_ -> send(request, reply, document));
        });
      }
    });
  }

  private static void tooLarge(HttpServerRequest request) {
    Refusal refusal = new Refusal(413, "the body has more than %d bytes".formatted(BODY_BYTES_MAX));
    request.response().putHeader("Connection", "close");
    refuse(request, refusal);
  }

  private Reply reply(HttpServerRequest request, byte[] body) {
    String path = path(request);
    try {
      access.check(request, body.length > 0);
      Router.Match match = router.find(request.method().name(), path);
      Query query = Query.parse(request.query(), match.route().query());
      return match.route().handler().answer(new Request(match.variables(), query, body));
    } catch (Refusal refusal) {
      return Reply.refused(refusal, path);
    } catch (IOException e) {
      LOG.warn("the store did not do what the API was asked: {}", e.toString());
      return Reply.refused(
          new Refusal(503, "the store cannot do that now: " + e.getMessage()), path);
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      LOG.error("the API could not answer", e);
      return Reply.refused(new Refusal(500, "this failed; the server's log says why"), path);
    }
  }

  private static String path(HttpServerRequest request) {
    return Optional.ofNullable(request.path()).orElse("");
  }

  private static Buffer document(Reply reply) {
    return reply.document() == null ? Buffer.buffer() : Buffer.buffer(Json.bytes(reply.document()));
  }

  /** Answers with a problem document. On the request's event loop. */
  static void refuse(HttpServerRequest request, Refusal refusal) {
    Reply reply = Reply.refused(refusal, path(request));
    send(request, reply, document(reply));
  }

  private static void send(HttpServerRequest request, Reply reply, Buffer document) {
    HttpServerResponse response =
        request
            .response()
            .setStatusCode(reply.status())
            .putHeader("Cache-Control", "no-store")
            .putHeader("X-Content-Type-Options", "nosniff");
    reply.headers().forEach(response::putHeader);
    if (reply.document() != null) {
      boolean isProblem = reply.document() instanceof Problem;
      response.putHeader("Content-Type", isProblem ? Problem.MEDIA_TYPE : "application/json");
    }
    if (request.method().equals(HttpMethod.HEAD)) {
      response.putHeader("Content-Length", Integer.toString(document.length())).end();
    } else {
      response.end(document);
    }
  }

  /** Cancels the jobs, and waits for them and for the requests that are being answered. */
  @Override
  public void close() {
    jobs.close();
    threads.close();
  }
}
