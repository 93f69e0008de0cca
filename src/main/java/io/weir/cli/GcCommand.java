package io.weir.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code weir gc}. */
@Command(
    name = "gc",
    description =
        "Lets all leave that has to, now: expired, or over a limit. The server does it by itself"
            + " every minute.")
final class GcCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private final AdminOption admin = new AdminOption();

  @Option(names = "--dry-run", description = "Only says what would leave, in which order and why.")
  private boolean dryRun;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  GcCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    try (AdminClient client = admin.connect(terminal.environment())) {
      JobFollower jobs = new JobFollower(client, terminal);
      JsonNode job = AdminClient.JSON.createObjectNode().put("kind", "gc").put("dryRun", dryRun);
      JsonNode result = jobs.follow(jobs.begin(job)).path("result");
      if (json) {
        terminal.out().println(result.toPrettyString());
      } else {
        Departures.print(result, terminal);
        terminal.out().println(Departures.sum(result) + (dryRun ? " would leave" : " left"));
      }
      return 0;
    }
  }
}
