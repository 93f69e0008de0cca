package io.weir.cli;

import io.weir.cli.Table.Column;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * How a server is, on one page.
 *
 * @param terminal whose it is
 * @param out where it is written
 */
record StatusPage(Terminal terminal, PrintWriter out) {

  private static final Duration URGENT = Duration.ofDays(7);
  private static final int FETCHES_MAX = 10;
  private static final int BAR_WIDTH = 20;

  /**
   * Prints it.
   *
   * @param before what rates are made of; empty for none
   * @param withTransfers whether to list what is on its way
   */
  void print(StatusView now, Optional<StatusView> before, boolean withTransfers) {
    JsonNode status = now.status();
    printHead(status);
    printStore(status.path("store"));
    printRequests(status, now, before);
    if (status.has("certificateExpires")) {
      out.println("tls       " + certificate(status.path("certificateExpires").asString()));
    }
    out.println();
    printUpstreams(status.path("upstreams"));
    if (withTransfers) {
      printFetches(now, before);
    }
  }

  private void printHead(JsonNode status) {
    out.printf(
        "weir %s, up for %s, %s%n",
        status.path("version").asString(),
        Human.duration(Duration.parse(status.path("uptime").asString())),
        status.has("obstacle")
            ? terminal.alarming("NOT READY: " + status.path("obstacle").asString())
            : "ready");
  }

  private void printStore(JsonNode store) {
    out.printf(
        "store     %s of %s in %s, %s%s%s%n",
        Human.size(store.path("usedBytes").asLong()),
        Human.size(store.path("limitBytes").asLong()),
        Human.count(store.path("blobs").asLong(), "file"),
        store.path("path").asString(),
        store.has("fullIn")
            ? ", full in " + Human.duration(Duration.parse(store.path("fullIn").asString()))
            : "",
        store.path("full").asBoolean() ? terminal.alarming(", FULL") : "");
  }

  private void printRequests(JsonNode status, StatusView now, Optional<StatusView> before) {
    JsonNode requests = status.path("requests");
    out.printf(
        "requests  %,d%s%s, %s, %s under way%n",
        requests.path("total").asLong(),
        before
            .map(then -> String.format(Locale.ROOT, " (%,d/s)", now.rate(then, "/requests/total")))
            .orElse(""),
        requests.has("hitRatio")
            ? String.format(
                Locale.ROOT, ", %.1f%% hits", 100 * requests.path("hitRatio").asDouble())
            : "",
        Human.count(requests.path("byOutcome").path("error").asLong(), "error"),
        Human.count(status.path("transfers").asLong(), "transfer"));
    out.printf(
        "traffic   %s sent%s, %s received%s%n",
        Human.size(requests.path("sentBytes").asLong()),
        speed(now, before, "/requests/sentBytes"),
        Human.size(requests.path("receivedBytes").asLong()),
        speed(now, before, "/requests/receivedBytes"));
    out.printf(
        "saved     %s and %s to upstreams%n",
        signed(requests.path("savedBytes").asLong()),
        Human.count(requests.path("savedRequests").asLong(), "request"));
  }

  private static String speed(StatusView now, Optional<StatusView> before, String pointer) {
    return before.map(then -> " (" + Human.size(now.rate(then, pointer)) + "/s)").orElse("");
  }

  /** More may have been fetched than pulled. */
  private static String signed(long bytes) {
    return bytes < 0 ? "-" + Human.size(-bytes) : Human.size(bytes);
  }

  private void printFetches(StatusView now, Optional<StatusView> before) {
    JsonNode fetches = now.transfers().path("fetches");
    if (fetches.isEmpty()) {
      return;
    }
    Map<String, Long> received = new HashMap<>();
    before.ifPresent(then ->
        then.transfers()
            .path("fetches")
            .forEach(fetch ->
                received.put(
                    fetch.path("digest").asString(), fetch.path("receivedBytes").asLong())));
    out.println();
    Table table =
        new Table(
            out,
            List.of(
                Column.text("FETCHING"),
                Column.text("FROM"),
                Column.text("PROGRESS"),
                Column.number("OF"),
                Column.number("SPEED"),
                Column.number("CLIENTS")));
    for (int i = 0; i < fetches.size() && i < FETCHES_MAX; i++) {
      JsonNode fetch = fetches.path(i);
      Long earlier = received.get(fetch.path("digest").asString());
      long bytes = fetch.path("receivedBytes").asLong();
      table.add(
          shortened(fetch.path("digest").asString()),
          fetch.path("upstream").asString() + "/" + fetch.path("repository").asString(),
          progress(fetch),
          fetch.has("sizeBytes") ? Human.size(fetch.path("sizeBytes").asLong()) : "",
          before.isPresent() && earlier != null
              ? Human.size(perSecond(bytes - earlier, now, before.get())) + "/s"
              : "",
          fetch.path("ahead").asBoolean() ? "ahead" : fetch.path("clients").asString());
    }
    table.flush();
    long more = now.transfers().path("fetchCount").asLong() - Math.min(FETCHES_MAX, fetches.size());
    if (more > 0) {
      out.printf("and %s more%n", Human.count(more, "blob"));
    }
  }

  private static long perSecond(long bytes, StatusView now, StatusView before) {
    return (long) ((double) bytes / ((double) (now.nanos() - before.nanos()) / 1e9));
  }

  private static String shortened(String digest) {
    return digest.substring(0, Math.min(digest.length(), digest.indexOf(':') + 13));
  }

  private static String progress(JsonNode fetch) {
    long bytes = fetch.path("receivedBytes").asLong();
    long sizeBytes = fetch.path("sizeBytes").asLong();
    if (sizeBytes <= 0) {
      return Human.size(bytes);
    }
    double done = Math.min(1, (double) bytes / (double) sizeBytes);
    int filled = (int) (BAR_WIDTH * done);
    return "[%s%s] %3d%%"
        .formatted("#".repeat(filled), " ".repeat(BAR_WIDTH - filled), (int) (100 * done));
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
    Table table = new Table(out, columns);
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
