package io.weir.testing.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The requests that a server has written to its access log.
 *
 * <p>Servers write the line after the last byte of the answer, so a client can be done before its
 * line is there. Before a reading, requests of our own are sent and waited for in the log, as
 * markers. Requests of the harness itself carry {@link #OWN_AGENT} and are left out.
 */
final class AccessLog {

  /** The User-Agent of what the harness sends: readiness, uploads, markers. */
  static final String OWN_AGENT = "weir-test-harness";

  private static final Duration MARKER_LIMIT = Duration.ofSeconds(10);

  private final Path file;
  private final AtomicLong markers = new AtomicLong();
  private int forgottenLines;

  AccessLog(Path file) {
    this.file = file;
  }

  /**
   * All requests that had ended when this was called. Markers are sent until one brings no line but
   * its own: the server may write the line of an earlier request, ended on another connection, just
   * behind the first marker.
   */
  List<LoggedRequest> requests(HttpClient client, URI base) {
    int before;
    List<LoggedRequest> now = requests();
    do {
      before = now.size();
      sendMarker(client, base);
      now = requests();
    } while (now.size() > before);
    return now;
  }

  private void sendMarker(HttpClient client, URI base) {
    String marker = "marker=" + markers.incrementAndGet();
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/?" + marker))
            .header("User-Agent", OWN_AGENT)
            .timeout(MARKER_LIMIT)
            .build();
    try {
      client.send(request, HttpResponse.BodyHandlers.discarding());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot ask " + base, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
    boolean isLogged =
        Await.until(
            MARKER_LIMIT, () -> all().stream().anyMatch(line -> line.query().equals(marker)));
    if (!isLogged) {
      throw new AssertionError("no line with " + marker + " in " + file);
    }
  }

  /** All requests that are in the log now. */
  List<LoggedRequest> requests() {
    return all().stream().filter(logged -> !logged.userAgent().equals(OWN_AGENT)).toList();
  }

  /** Leaves out of later answers what is in the log now. */
  void forget() {
    forgottenLines = lines().size();
  }

  private List<LoggedRequest> all() {
    return lines().stream()
        .skip(forgottenLines)
        .map(LoggedRequest::parse)
        .flatMap(Optional::stream)
        .toList();
  }

  private List<String> lines() {
    try {
      return Files.exists(file)
          ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList()
          : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
