package io.weir.cli;

import io.weir.cli.Table.Column;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code weir df}. */
@Command(name = "df", description = "Says how much is stored of each upstream, and the limits.")
final class DfCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private final AdminOption admin = new AdminOption();

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  DfCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    try (AdminClient client = admin.connect(terminal.environment())) {
      JsonNode status = client.get("/api/v1/status");
      if (json) {
        ObjectNode shown = AdminClient.JSON.createObjectNode();
        shown.set("store", status.path("store"));
        shown.set("upstreams", status.path("upstreams"));
        terminal.out().println(shown.toPrettyString());
      } else {
        print(status.path("upstreams"), status.path("store"));
      }
      return 0;
    }
  }

  private void print(JsonNode upstreams, JsonNode store) {
    Table table =
        new Table(
            terminal.out(),
            List.of(
                Column.text("UPSTREAM"),
                Column.number("SIZE"),
                Column.number("FILES"),
                Column.number("LIMIT"),
                Column.number("KEPT FOR")));
    for (JsonNode upstream : upstreams) {
      table.add(
          upstream.path("name").asString(),
          Human.size(upstream.path("bytes").asLong()),
          upstream.path("blobs").asString(),
          upstream.has("limitBytes") ? Human.size(upstream.path("limitBytes").asLong()) : "",
          upstream.has("ttl")
              ? Human.duration(Duration.parse(upstream.path("ttl").asString()))
              : "");
    }
    table.add(
        "all",
        Human.size(store.path("bytes").asLong()),
        store.path("blobs").asString(),
        Human.size(store.path("limitBytes").asLong()),
        "");
    table.flush();
    terminal
        .out()
        .printf(
            "%n%s takes %s on a disk that has %s free of %s, and is to keep %s free%s%n",
            store.path("path").asString(),
            Human.size(store.path("usedBytes").asLong()),
            Human.size(store.path("availableBytes").asLong()),
            Human.size(store.path("capacityBytes").asLong()),
            Human.size(store.path("minFreeBytes").asLong()),
            store.path("full").asBoolean() ? terminal.alarming("; it is FULL") : "");
    terminal.out().flush();
  }
}
