package io.weir.cli;

import io.weir.cli.Table.Column;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code weir ls}. Prints each page of the list as it comes. */
@Command(name = "ls", description = "Lists what is stored, image by image.")
final class LsCommand implements Callable<Integer> {

  private static final int PAGE = 500;

  private final Terminal terminal;

  @Mixin private final AdminOption admin = new AdminOption();

  @Parameters(
      arity = "0..1",
      paramLabel = "PATTERN",
      description =
          "An upstream, or UPSTREAM/REPOSITORY with :TAG or @DIGEST if any. * stands for any"
              + " characters but /, ** for any.")
  private @Nullable String pattern;

  @Option(names = "--digests", description = "Prints digests.")
  private boolean digests;

  @Option(names = "--json", description = "Prints a JSON array.")
  private boolean json;

  LsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    try (AdminClient client = admin.connect(terminal.environment())) {
      boolean found = json ? printJson(client) : printTable(client);
      if (!found && pattern != null) {
        terminal.err().println("weir: nothing here matches " + pattern);
        return 1;
      }
      return 0;
    }
  }

  private interface PagePrinter {
    void print(JsonNode images);
  }

  /** Whether there was any. */
  private boolean eachPage(AdminClient client, PagePrinter printer) throws IOException {
    boolean found = false;
    String from = "";
    do {
      JsonNode page = client.get("/api/v1/images?limit=" + PAGE + filter() + from);
      found |= !page.path("images").isEmpty();
      printer.print(page.path("images"));
      from = page.has("next") ? "&from=" + AdminClient.encode(page.path("next").asString()) : "";
    } while (!from.isEmpty());
    return found;
  }

  private String filter() {
    if (pattern == null) {
      return "";
    }
    boolean isUpstream = pattern.indexOf('/') < 0 && pattern.indexOf('*') < 0;
    return (isUpstream ? "&upstream=" : "&pattern=") + AdminClient.encode(pattern);
  }

  private boolean printTable(AdminClient client) throws IOException {
    List<Column> columns =
        new ArrayList<>(
            List.of(
                Column.text("IMAGE"),
                Column.text("PLATFORMS"),
                Column.number("SIZE"),
                Column.number("LAST PULL"),
                Column.text("NOTES")));
    if (digests) {
      columns.add(1, Column.text("DIGEST"));
    }
    Table table = new Table(terminal.out(), columns);
    return eachPage(
        client,
        images -> {
          images.forEach(image -> table.add(row(image)));
          table.flush();
        });
  }

  private String[] row(JsonNode image) {
    List<String> row = new ArrayList<>();
    row.add(Human.image(image));
    if (digests) {
      row.add(image.path("digest").asString());
    }
    row.add(Human.list(image.path("platforms")));
    row.add(Human.size(image.path("sizeBytes").asLong()));
    row.add(
        Human.ago(Instant.parse(image.path("lastPull").asString()), terminal.clock().instant()));
    row.add(notes(image));
    return row.toArray(String[]::new);
  }

  private static String notes(JsonNode image) {
    List<String> notes = new ArrayList<>();
    if (image.path("pinned").asBoolean()) {
      notes.add("pinned");
    }
    if (image.path("missing").asLong() > 0) {
      notes.add("incomplete");
    }
    return String.join(", ", notes);
  }

  private boolean printJson(AdminClient client) throws IOException {
    terminal.out().print('[');
    String[] separator = {System.lineSeparator()};
    boolean found =
        eachPage(
            client,
            images ->
                images.forEach(image -> {
                  terminal.out().print(separator[0] + image);
                  separator[0] = "," + System.lineSeparator();
                }));
    terminal.out().println(found ? System.lineSeparator() + "]" : "]");
    return found;
  }
}
