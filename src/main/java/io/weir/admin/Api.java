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

  /** Enough for the names of a thousand images; nothing longer is ever sent here. */
  static final int BODY_BYTES_MAX = 256 << 10;

  private final Vertx vertx;
  private final Access access;
  private final Router router;
  private final List<Running> running;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("api").factory());

  /** What goes on by itself, beside requests. */
  interface Running extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @param running is closed with this, in this order
   */
  Api(Vertx vertx, Config.Admin admin, List<Running> running, List<Route> routes) {
    this.vertx = vertx;
    this.access = new Access(admin);
    this.running = List.copyOf(running);
    this.router = new Router(routes);
  }

  /** All that there is. */
  static Api of(Vertx vertx, Config.Admin admin, Readiness readiness, Rooms rooms) {
    Jobs jobs = new Jobs(rooms.clock());
    UpstreamRoutes upstreams = new UpstreamRoutes(rooms);
    StatusRoutes status = new StatusRoutes(rooms, readiness, upstreams);
    TransferRoutes transfers = new TransferRoutes(rooms);
    History history = new History(rooms);
    Events events = new Events(rooms, history, status::status, transfers, jobs);
    List<Route> routes =
        Stream.of(
                status.routes(),
                upstreams.routes(),
                transfers.routes(),
                history.routes(),
                events.routes(),
                new ImageRoutes(rooms).routes(),
                new PinRoutes(rooms.space().retention().pins()).routes(),
                new JobRoutes(rooms, jobs).routes(),
                new ClientConfigRoutes(rooms).routes(),
                List.of(Route.get("/api/v1/openapi.json", _ -> Reply.ok(Description.read()))))
            .flatMap(List::stream)
            .toList();
    events.start();
    return new Api(vertx, admin, List.of(events, jobs), routes);
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
    Object document = reply.document();
    return document == null || document instanceof Feed
        ? Buffer.buffer()
        : Buffer.buffer(Json.bytes(document));
  }

  /** Answers with a problem document. On the request's event loop. */
  static void refuse(HttpServerRequest request, Refusal refusal) {
    Reply reply = Reply.refused(refusal, path(request));
    sendDocument(request, reply, document(reply));
  }

  private void send(HttpServerRequest request, Reply reply, Buffer document) {
    if (reply.document() instanceof Feed feed && request.method().equals(HttpMethod.GET)) {
      HttpServerResponse _ = head(request, reply);
      feed.begin(request, () -> access.check(request, false));
    } else {
      sendDocument(request, reply, document);
    }
  }

  private static void sendDocument(HttpServerRequest request, Reply reply, Buffer document) {
    HttpServerResponse response = head(request, reply);
    if (request.method().equals(HttpMethod.HEAD)) {
      response.putHeader("Content-Length", Integer.toString(document.length())).end();
    } else {
      response.end(document);
    }
  }

  private static HttpServerResponse head(HttpServerRequest request, Reply reply) {
    HttpServerResponse response =
        request
            .response()
            .setStatusCode(reply.status())
            .putHeader("Cache-Control", "no-store")
            .putHeader("X-Content-Type-Options", "nosniff");
    if (reply.document() != null) {
      boolean isProblem = reply.document() instanceof Problem;
      response.putHeader("Content-Type", isProblem ? Problem.MEDIA_TYPE : "application/json");
    }
    reply.headers().forEach(response::putHeader);
    return response;
  }

  /** Ends what goes on by itself, and waits for it and for the requests that are being answered. */
  @Override
  public void close() {
    for (Running part : running) {
      part.close();
    }
    threads.close();
  }
}
