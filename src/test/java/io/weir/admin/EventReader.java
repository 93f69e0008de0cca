package io.weir.admin;

import io.weir.testing.Http;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import tools.jackson.databind.JsonNode;

/** Reads server-sent events. */
final class EventReader implements AutoCloseable {

  private final Http.Stream stream;
  private final byte[] buffer = new byte[8192];
  private final Deque<Event> events = new ArrayDeque<>();
  private String text = "";

  /**
   * An event.
   *
   * @param id empty for none
   */
  record Event(String name, String id, JsonNode data) {}

  EventReader(int port, String... headers) throws IOException {
    this.stream = Http.open(port, "GET", "/api/v1/events", headers);
  }

  int status() {
    return stream.status();
  }

  String header(String name) {
    return stream.headers().getOrDefault(name, "");
  }

  /** The next event of a name; those of other names before it are skipped. */
  Event next(String name) throws IOException {
    while (true) {
      Event event = next();
      if (event.name().equals(name)) {
        return event;
      }
    }
  }

  /** The next event, waiting for it. */
  Event next() throws IOException {
    while (events.isEmpty()) {
      int read = stream.read(buffer);
      if (read < 0) {
        throw new IOException("the stream has ended");
      }
      text += new String(buffer, 0, read, StandardCharsets.UTF_8);
      int end = text.indexOf("\n\n");
      while (end >= 0) {
        parse(text.substring(0, end));
        text = text.substring(end + 2);
        end = text.indexOf("\n\n");
      }
    }
    return events.remove();
  }

  /** Whether the server ends the stream, now or soon. */
  boolean ends() throws IOException {
    try {
      while (true) {
        Event _ = next();
      }
    } catch (IOException e) {
      return String.valueOf(e.getMessage()).equals("the stream has ended");
    }
  }

  private void parse(String block) {
    String name = "";
    String id = "";
    String data = "";
    for (String line : block.split("\n", -1)) {
      int colon = line.indexOf(": ");
      String value = colon < 0 ? "" : line.substring(colon + 2);
      switch (colon < 0 ? "" : line.substring(0, colon)) {
        case "event" -> name = value;
        case "id" -> id = value;
        case "data" -> data = value;
        default -> {} // a comment
      }
    }
    if (!name.isEmpty()) {
      events.add(new Event(name, id, ApiClient.JSON.readTree(data)));
    }
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
