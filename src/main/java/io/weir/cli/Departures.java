package io.weir.cli;

import io.weir.cli.Table.Column;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What left the store, or would, in the order in which it does. */
final class Departures {

  private Departures() {}

  /** Prints a row for each image, and how much that is. */
  static void print(JsonNode evicted, Terminal terminal) {
    Instant now = terminal.clock().instant();
    JsonNode images = evicted.path("images");
    Table table =
        new Table(
            terminal.out(),
            List.of(
                Column.text("IMAGE"),
                Column.number("LAST PULL"),
                Column.text("REASON"),
                Column.number("FREES")));
    for (JsonNode image : images) {
      table.add(
          Human.image(image),
          Human.ago(Instant.parse(image.path("lastPull").asString()), now),
          image.path("reason").asString(),
          Human.size(image.path("freedBytes").asLong()));
    }
    table.flush();
    long unlisted = evicted.path("count").asLong() - images.size();
    if (unlisted > 0) {
      terminal.out().println("… and " + Human.count(unlisted, "more image"));
    }
  }

  /** Such as {@code 3 images, 1.2Gi}. */
  static String sum(JsonNode evicted) {
    return "%s, %s%s"
        .formatted(
            Human.count(evicted.path("count").asLong(), "image"),
            Human.size(evicted.path("freedBytes").asLong()),
            evicted.path("complete").asBoolean() ? "" : " and more");
  }
}
