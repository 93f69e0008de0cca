package io.weir.cli;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** {@code weir evict}. Shows what would go, asks, and lets it go. */
@Command(
    name = "evict",
    description = "Lets images leave the store. Pinned ones stay; the next pull fetches them anew.")
final class EvictCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private final AdminOption admin = new AdminOption();

  @Parameters(
      arity = "1..*",
      paramLabel = "PATTERN",
      description =
          "UPSTREAM/REPOSITORY with :TAG or @DIGEST if any. * stands for any characters but /, **"
              + " for any.")
  private List<String> patterns = List.of();

  @Option(names = "--dry-run", description = "Only says what would leave.")
  private boolean dryRun;

  @Option(
      names = {"-y", "--yes"},
      description = "Does not ask first.")
  private boolean yes;

  @Option(names = "--json", description = "Prints a JSON array of one answer for each pattern.")
  private boolean json;

  @Spec private @Nullable CommandSpec command;

  EvictCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    boolean asks = !dryRun && !yes;
    if (asks && (json || !terminal.isInteractive()) && command != null) {
      throw new ParameterException(
          command.commandLine(), "nobody can be asked: --yes or --dry-run is needed");
    }
    try (AdminClient client = admin.connect(terminal.environment())) {
      ArrayNode plan = evict(client, true);
      Optional<String> unmatched = unmatched(client, plan);
      if (unmatched.isPresent()) {
        terminal.err().println("weir: " + unmatched.get());
        return 1;
      }
      if (!json) {
        plan.forEach(some -> Departures.print(some, terminal));
      }
      if (dryRun) {
        tell(plan, "would leave");
        return 0;
      }
      if (asks && !isConfirmed(plan)) {
        terminal.err().println("weir: nothing was evicted");
        return 1;
      }
      tell(evict(client, false), "left");
      return 0;
    }
  }

  private ArrayNode evict(AdminClient client, boolean dry) throws IOException {
    ArrayNode answers = AdminClient.JSON.createArrayNode();
    for (String pattern : patterns) {
      answers.add(
          client.delete("/api/v1/images/" + AdminClient.encode(pattern) + "?dryRun=" + dry));
    }
    return answers;
  }

  /** Why nothing would leave for one of the patterns. */
  private Optional<String> unmatched(AdminClient client, ArrayNode plan) throws IOException {
    for (int i = 0; i < patterns.size(); i++) {
      if (plan.path(i).path("count").asLong() == 0) {
        String pattern = patterns.get(i);
        JsonNode page = client.get("/api/v1/images?limit=1&pattern=" + AdminClient.encode(pattern));
        return Optional.of(
            page.path("images").isEmpty()
                ? "nothing here matches " + pattern
                : "all that matches " + pattern + " is pinned");
      }
    }
    return Optional.empty();
  }

  private boolean isConfirmed(ArrayNode plan) throws IOException {
    terminal.out().print(sum(plan) + ". Evict? [y/N] ");
    terminal.out().flush();
    String answer = Optional.ofNullable(terminal.in().readLine()).orElse("").strip();
    return answer.equalsIgnoreCase("y") || answer.equalsIgnoreCase("yes");
  }

  private void tell(ArrayNode answers, String what) {
    terminal.out().println(json ? answers.toPrettyString() : sum(answers) + " " + what);
  }

  private static String sum(ArrayNode answers) {
    return String.join("; ", answers.valueStream().map(Departures::sum).toList());
  }
}
