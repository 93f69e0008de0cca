package io.weir.cli;

import io.weir.cli.Table.Column;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code weir status}. */
@Command(name = "status", description = "Says how the server is: store, hits, upstreams.")
final class StatusCommand implements Callable<Integer> {

  private static final int WATCH_SECONDS = 2;
  private static final Duration URGENT = Duration.ofDays(7);
  private static final String CLEAR = "\u001b[H\u001b[2J";

  private final Terminal terminal;

  @Mixin private final AdminOption admin = new AdminOption();

  @Option(names = "--watch", description = "Says it again every two seconds, until interrupted.")
  private boolean watch;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  StatusCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    if (watch) {
      Signals.handle("INT", stopped::countDown);
    }
    try (AdminClient client = admin.connect(terminal.environment())) {
      do {
        JsonNode status = client.get("/api/v1/status");
        if (watch && terminal.isInteractive()) {
          terminal.out().print(CLEAR);
        }
        if (json) {
          terminal.out().println(status.toPrettyString());
        } else {
          print(status);
        }
        terminal.out().flush();
      } while (watch && !stopped.await(WATCH_SECONDS, TimeUnit.SECONDS));
      return 0;
    }
  }

  private void print(JsonNode status) {
    PrintWriter out = terminal.out();
    JsonNode store = status.path("store");
    JsonNode requests = status.path("requests");
    out.printf(
        "weir %s, up for %s, %s%n",
        status.path("version").asString(),
        Human.duration(Duration.parse(status.path("uptime").asString())),
        status.has("obstacle")
            ? terminal.alarming("NOT READY: " + status.path("obstacle").asString())
            : "ready");
    out.printf(
        "store     %s of %s in %s, %s%s%n",
        Human.size(store.path("usedBytes").asLong()),
        Human.size(store.path("limitBytes").asLong()),
        Human.count(store.path("blobs").asLong(), "file"),
        store.path("path").asString(),
        store.path("full").asBoolean() ? terminal.alarming(", FULL") : "");
    out.printf(
        "requests  %,d%s, %s, %s under way%n",
        requests.path("total").asLong(),
        requests.has("hitRatio")
            ? String.format(
                Locale.ROOT, ", %.1f%% hits", 100 * requests.path("hitRatio").asDouble())
            : "",
        Human.count(requests.path("byOutcome").path("error").asLong(), "error"),
        Human.count(status.path("transfers").asLong(), "transfer"));
    out.printf(
        "traffic   %s sent, %s received%n",
        Human.size(requests.path("sentBytes").asLong()),
        Human.size(requests.path("receivedBytes").asLong()));
    if (status.has("certificateExpires")) {
      out.println("tls       " + certificate(status.path("certificateExpires").asString()));
    }
    out.println();
    printUpstreams(status.path("upstreams"));
  }

  private void printUpstreams(JsonNode upstreams) {
    boolean hasCredentials =
        upstreams.valueStream().anyMatch(upstream -> upstream.has("credentials"));
    List<Column> columns =
        new ArrayList<>(
            List.of(
                Column.text("UPSTREAM"),
                Column.number("SIZE"),
                Column.number("FILES"),
                Column.number("PULLS LEFT"),
                Column.text("STATE")));
    if (hasCredentials) {
      columns.add(Column.text("CREDENTIALS"));
    }
    Table table = new Table(terminal.out(), columns);
    for (JsonNode upstream : upstreams) {
      table.add(
          upstream.path("name").asString(),
          Human.size(upstream.path("bytes").asLong()),
          upstream.path("blobs").asString(),
          upstream.path("rateLimitRemaining").asString(""),
          state(upstream),
          credentials(upstream.path("credentials")));
    }
    table.flush();
  }

  private String credentials(JsonNode credentials) {
    StringBuilder text = new StringBuilder(credentials.path("source").asString(""));
    if (credentials.has("username")) {
      text.append(" as ").append(credentials.path("username").asString());
    }
    if (credentials.has("since")) {
      text.append(", of ").append(ago(credentials.path("since")));
    }
    if (credentials.has("failure")) {
      String failure =
          credentials.path("failure").asString() + ", " + ago(credentials.path("failed"));
      text.append(", ").append(terminal.alarming("FAILED: " + failure));
    }
    return text.toString();
  }

  private String ago(JsonNode instant) {
    return Human.ago(Instant.parse(instant.asString()), terminal.clock().instant());
  }

  private String certificate(String end) {
    Duration left = Duration.between(terminal.clock().instant(), Instant.parse(end));
    if (left.isNegative()) {
      return terminal.alarming("EXPIRED " + end);
    }
    String text = "the certificate expires in " + Human.duration(left);
    return left.compareTo(URGENT) < 0 ? terminal.alarming(text) : text;
  }

  private String state(JsonNode upstream) {
    if (!upstream.path("configured").asBoolean()) {
      return "not configured";
    }
    return upstream.path("up").asBoolean() ? "up" : terminal.alarming("DOWN");
  }
}
