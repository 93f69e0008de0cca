package io.weir.cli;

import io.weir.cli.Table.Column;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code weir pin}. */
@Command(name = "pin", description = "Keeps images whatever happens, or lists what is kept so.")
final class PinCommand implements Callable<Integer> {

  private static final String PATH = "/api/v1/pins";

  private final Terminal terminal;

  @Mixin private final AdminOption admin = new AdminOption();

  @Parameters(
      arity = "0..*",
      paramLabel = "PATTERN",
      description =
          "UPSTREAM/REPOSITORY with :TAG or @DIGEST if any. * stands for any characters but /, **"
              + " for any.")
  private List<String> patterns = List.of();

  @ArgGroup private Way way = new Way();

  /** Something else than to pin. */
  private static final class Way {

    @Option(names = "--list", description = "Lists the patterns that are pinned.")
    private boolean lists;

    @Option(names = "--remove", description = "Keeps what the patterns match no longer.")
    private boolean removes;
  }

  @Option(names = "--json", description = "Prints the list as JSON.")
  private boolean json;

  @Spec private @Nullable CommandSpec command;

  PinCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (patterns.isEmpty() != way.lists) {
      throw new ParameterException(
          Objects.requireNonNull(command).commandLine(),
          way.lists ? "--list takes no PATTERN" : "a PATTERN is missing, or --list");
    }
    try (AdminClient client = admin.connect(terminal.environment())) {
      if (way.lists) {
        print(client.get(PATH));
      }
      for (String pattern : patterns) {
        if (way.removes) {
          JsonNode _ = client.delete(PATH + "/" + AdminClient.encode(pattern));
        } else {
          JsonNode _ =
              client.post(PATH, AdminClient.JSON.createObjectNode().put("pattern", pattern));
        }
      }
      return 0;
    }
  }

  private void print(JsonNode answer) {
    JsonNode pins = answer.path("pins");
    if (json) {
      terminal.out().println(pins.toPrettyString());
      return;
    }
    Table table = new Table(terminal.out(), List.of(Column.text("PATTERN"), Column.text("SOURCE")));
    pins.forEach(pin -> table.add(pin.path("pattern").asString(), pin.path("source").asString()));
    table.flush();
  }
}
