package io.weir.cli;

import java.io.IOException;
import tools.jackson.databind.JsonNode;

/**
 * What a server said of itself.
 *
 * @param nanos when, as {@link System#nanoTime}
 * @param status how it is
 * @param transfers what is on its way
 */
record StatusView(long nanos, JsonNode status, JsonNode transfers) {

  static StatusView ask(AdminClient client) throws IOException {
    return new StatusView(
        System.nanoTime(), client.get("/api/v1/status"), client.get("/api/v1/transfers"));
  }

  /** How much a counter has risen a second since {@code before}; 0 after a new start. */
  long rate(StatusView before, String pointer) {
    double seconds = (double) (nanos - before.nanos) / 1e9;
    long risen = status.at(pointer).asLong() - before.status.at(pointer).asLong();
    return (long) Math.max(0, (double) risen / seconds);
  }
}
