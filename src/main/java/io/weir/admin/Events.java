package io.weir.admin;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.weir.logging.LogLine;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /api/v1/events}: what changes, as it changes, for pages that show it. One virtual thread
 * looks once a second, for all who listen; it also keeps the {@link History} going. Who does not
 * read fast enough misses states, which the next one replaces, but no line of the log.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">Server-sent
 *     events</a>
 */
final class Events implements Api.Running {

  private static final Logger LOG = LoggerFactory.getLogger(Events.class);

  private static final int LISTENERS_MAX = 100;
  private static final int LINES_AT_FIRST = 200;
  private static final int LINES_AT_ONCE = 500;

  private static final int STATUS_SECONDS = 2;
  private static final int COMMENT_SECONDS = 15;
  private static final Buffer COMMENT = Buffer.buffer(":\n\n");

  private final Rooms rooms;
  private final History history;
  private final Supplier<StatusRoutes.Status> status;
  private final TransferRoutes transfers;
  private final Jobs jobs;

  private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
  private final Semaphore due = new Semaphore(0);
  private final Thread thread = Thread.ofVirtual().name("events").unstarted(this::run);
  private volatile boolean closing;

  // Only the thread's:
  private byte[] jobsBefore = {};
  private boolean wereTransfers;

  /** Whom the page belongs to that follows. */
  record Hello(String version, Instant started) {}

  /** A line of the log as it is sent; its id stands beside it. */
  record Line(
      Instant at, String level, String logger, String message, Map<String, String> fields) {}

  /** Somebody who listens. */
  private static final class Listener {

    private final HttpServerResponse response;
    private final Runnable access;
    private long lastLine;
    private boolean isGreeted;

    Listener(HttpServerResponse response, Runnable access, long lastLine) {
      this.response = response;
      this.access = access;
      this.lastLine = lastLine;
    }

    void send(Buffer frame) {
      if (!response.closed() && !response.writeQueueFull()) {
        response.write(frame);
      }
    }
  }

  Events(
      Rooms rooms,
      History history,
      Supplier<StatusRoutes.Status> status,
      TransferRoutes transfers,
      Jobs jobs) {
    this.rooms = rooms;
    this.history = history;
    this.status = status;
    this.transfers = transfers;
    this.jobs = jobs;
  }

  void start() {
    thread.start();
  }

  List<Route> routes() {
    return List.of(Route.get("/api/v1/events", _ -> open()));
  }

  private Reply open() {
    if (closing || listeners.size() >= LISTENERS_MAX) {
      throw new Refusal(
          503,
          closing ? "the server is stopping" : "too many listen already",
          Map.of("Retry-After", "10"));
    }
    return new Reply(200, Map.of("Content-Type", "text/event-stream"), (Feed) this::begin);
  }

  private void begin(HttpServerRequest request, Runnable access) {
    HttpServerResponse response = request.response().setChunked(true);
    Listener listener = new Listener(response, access, lastEventId(request));
    response.closeHandler(_ -> listeners.remove(listener));
    response.exceptionHandler(_ -> listeners.remove(listener));
    response.write(frame("hello", new Hello(rooms.version(), rooms.started())));
    listeners.add(listener);
    due.release();
  }

  /** 0 where the page has none, or one that is not of ours. */
  private static long lastEventId(HttpServerRequest request) {
    String id = request.getHeader("Last-Event-ID");
    try {
      return id == null ? 0 : Long.parseUnsignedLong(id);
    } catch (NumberFormatException _) {
      return 0;
    }
  }

  private void run() {
    try {
      long second = 0;
      long nextNanos = System.nanoTime();
      while (!closing) {
        greet();
        long now = System.nanoTime();
        if (now >= nextNanos) {
          tick(second);
          second++;
          nextNanos = Math.max(nextNanos + TimeUnit.SECONDS.toNanos(1), now);
        }
        boolean _ = due.tryAcquire(nextNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        int _ = due.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void greet() {
    for (Listener listener : listeners) {
      if (!listener.isGreeted) {
        listener.isGreeted = true;
        attempt(() -> {
          listener.send(frame("status", status.get()));
          listener.send(frame("transfers", transfers.all()));
          listener.send(frame("jobs", JobList.of(jobs)));
          sendLines(listener, LINES_AT_FIRST);
        });
      }
    }
  }

  private void tick(long second) {
    attempt(() -> {
      if (second % History.STEP.toSeconds() == 0) {
        History.Sample sample = history.sample();
        send("history", sample);
      }
    });
    if (listeners.isEmpty()) {
      return;
    }
    attempt(() -> {
      if (second % STATUS_SECONDS == 0) {
        listeners.forEach(this::checkAccess);
        send("status", status.get());
      }
      if (second % COMMENT_SECONDS == 0) {
        listeners.forEach(listener -> listener.send(COMMENT));
      }
      sendTransfers();
      sendJobs();
      listeners.forEach(listener -> sendLines(listener, LINES_AT_ONCE));
    });
  }

  private static void attempt(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.error("what goes on could not be told", e);
    }
  }

  /** A secret that was changed counts at once. */
  private void checkAccess(Listener listener) {
    try {
      listener.access.run();
    } catch (Refusal _) {
      listeners.remove(listener);
      listener.response.end();
    }
  }

  private void sendTransfers() {
    TransferRoutes.Transfers now = transfers.all();
    if (!now.areNone() || wereTransfers) {
      send("transfers", now);
    }
    wereTransfers = !now.areNone();
  }

  private void sendJobs() {
    JobList now = JobList.of(jobs);
    byte[] document = Json.bytes(now);
    if (!Arrays.equals(document, jobsBefore)) {
      send("jobs", now);
      jobsBefore = document;
    }
  }

  private void sendLines(Listener listener, int max) {
    for (LogLine line : rooms.log().after(listener.lastLine, max)) {
      if (listener.response.writeQueueFull()) {
        return; // the next time
      }
      listener.send(
          frame(
              "log",
              Long.toString(line.id()),
              new Line(line.at(), line.level(), line.logger(), line.message(), line.fields())));
      listener.lastLine = line.id();
    }
  }

  private void send(String event, Object data) {
    if (!listeners.isEmpty()) {
      Buffer frame = frame(event, data);
      listeners.forEach(listener -> listener.send(frame));
    }
  }

  private static Buffer frame(String event, Object data) {
    return frame(event, null, data);
  }

  private static Buffer frame(String event, @Nullable String id, Object data) {
    return Buffer.buffer(
        "event: %s\n%sdata: %s\n\n"
            .formatted(
                event,
                id == null ? "" : "id: " + id + "\n",
                new String(Json.bytes(data), StandardCharsets.UTF_8)));
  }

  /** Waits for the thread; the connections of those who listen are closed already. */
  @Override
  public void close() {
    closing = true;
    due.release();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
