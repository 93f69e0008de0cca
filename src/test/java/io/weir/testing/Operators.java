package io.weir.testing;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The admin API, as a program uses it that looks after a server. A 503, which says that the disk
 * does not take it now, is an answer; every other error is an exception.
 */
public final class Operators {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int PAGE = 100;

  private final int port;

  public Operators(int port) {
    this.port = port;
  }

  private JsonNode ask(String method, String target, String body) throws IOException {
    String request =
        "%s /api/v1/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                .formatted(method, target)
            + (body.isEmpty()
                ? "\r\n"
                : "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                    .formatted(body.length(), body));
    Http.Answer answer = Http.raw(port, request);
    if (answer.status() >= 400 && answer.status() != 503) {
      throw new IOException(method + ' ' + target + ": " + answer.text());
    }
    return answer.body().length == 0 ? JSON.createObjectNode() : JSON.readTree(answer.text());
  }

  /** How the server is. */
  public JsonNode status() throws IOException {
    return ask("GET", "status", "");
  }

  /** The first images that it lists. */
  public JsonNode page(int images) throws IOException {
    return ask("GET", "images?limit=" + images, "");
  }

  /** The first hundred images that have these words. */
  public JsonNode search(String words) throws IOException {
    return ask("GET", "images?search=" + words.replace(" ", "%20"), "");
  }

  /** All images that it lists. */
  public List<JsonNode> images() throws IOException {
    List<JsonNode> images = new ArrayList<>();
    String from = "";
    do {
      JsonNode page = ask("GET", "images?limit=" + PAGE + from, "");
      page.path("images").forEach(images::add);
      String next = page.path("next").asString("");
      from = next.isEmpty() ? "" : "&from=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
    } while (!from.isEmpty());
    return images;
  }

  /** Has images leave; gives what left. */
  public JsonNode evict(String pattern) throws IOException {
    return ask("DELETE", "images/" + pattern, "");
  }

  public void pin(String pattern) throws IOException {
    JsonNode _ = ask("POST", "pins", "{\"pattern\":\"" + pattern + "\"}");
  }

  /** Takes back all pins that were added. */
  public void unpinAll() throws IOException {
    for (JsonNode pin : ask("GET", "pins", "").path("pins")) {
      JsonNode _ = ask("DELETE", "pins/" + pin.path("pattern").asString(), "");
    }
  }

  /**
   * Runs a job to its end.
   *
   * @param request as in {@code {"kind":"gc"}}
   */
  public JsonNode run(String request) throws IOException {
    String id = ask("POST", "jobs", request).path("id").asString();
    JsonNode job = ask("GET", "jobs/" + id + "?wait=30s", "");
    while (job.path("state").asString().equals("running")) {
      job = ask("GET", "jobs/" + id + "?wait=30s", "");
    }
    return job;
  }

  /** Waits until files and index were compared since the server started. */
  public void awaitReconciled(Duration limit) throws IOException {
    long end = System.nanoTime() + limit.toNanos();
    while (!status().path("lastReconciliation").path("complete").asBoolean(false)) {
      if (System.nanoTime() - end > 0) {
        throw new IOException("files and index were not compared within " + limit);
      }
    }
  }
}
