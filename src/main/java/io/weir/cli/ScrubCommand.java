package io.weir.cli;

import io.weir.cli.Table.Column;
import io.weir.config.Size;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code weir scrub}. An interrupt ends the scrub too; a second one only the command. */
@Command(
    name = "scrub",
    description =
        "Reads all that is stored and says what is damaged. That is taken out of use: the next pull"
            + " fetches it anew.")
final class ScrubCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private final AdminOption admin = new AdminOption();

  @Option(names = "--repair", description = "Fetches anew what is damaged, at once.")
  private boolean repair;

  @Option(
      names = "--bandwidth",
      paramLabel = "SIZE",
      converter = BytesConverter.class,
      description = "The most that is read in a second, such as 20Mi. Otherwise there is no limit.")
  private @Nullable Long bandwidth;

  @Option(
      names = "--background",
      description = "Only begins it, and says where the API shows how far it is.")
  private boolean background;

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  /** A number of bytes, 1 or more, with a unit if any. */
  static final class BytesConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        if (Size.parse(text) instanceof Size.Bytes size && size.bytes() > 0) {
          return size.bytes();
        }
      } catch (IllegalArgumentException _) {
        // refused below
      }
      throw new TypeConversionException("expected a size such as 20Mi (got " + text + ")");
    }
  }

  ScrubCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    try (AdminClient client = admin.connect(terminal.environment())) {
      JobFollower jobs = new JobFollower(client, terminal);
      String path = jobs.begin(order());
      if (background) {
        terminal.out().println(path);
        return 0;
      }
      JsonNode job = jobs.followOrCancel(path);
      JsonNode result = job.path("result");
      if (json) {
        terminal.out().println(result.toPrettyString());
      } else {
        print(result);
      }
      if (JobFollower.isCancelled(job)) {
        terminal.err().println("weir: it was cancelled before it had read everything");
        return JobFollower.STATUS_INTERRUPTED;
      }
      return result.path("unrepaired").asLong() == 0 ? 0 : 1;
    }
  }

  private ObjectNode order() {
    ObjectNode order =
        AdminClient.JSON.createObjectNode().put("kind", "scrub").put("repair", repair);
    if (bandwidth != null) {
      order.put("bytesPerSecond", bandwidth);
    }
    return order;
  }

  private void print(JsonNode result) {
    Table table =
        new Table(
            terminal.out(),
            List.of(
                Column.text("DIGEST"),
                Column.number("SIZE"),
                Column.text("REPOSITORIES"),
                Column.text("DAMAGE"),
                Column.text("REPAIRED")));
    for (JsonNode damage : result.path("damaged")) {
      table.add(
          damage.path("digest").asString(),
          Human.size(damage.path("sizeBytes").asLong()),
          Human.list(damage.path("repositories")),
          damage.path("reason").asString(),
          damage.has("unrepaired") ? "no: " + damage.path("unrepaired").asString() : "yes");
    }
    table.flush();
    long damaged = result.path("count").asLong();
    long missing = result.path("missing").asLong();
    String sum =
        "%s read in %s: %d damaged, %d missing"
            .formatted(
                Human.size(result.path("bytes").asLong()),
                Human.count(result.path("blobs").asLong(), "file"),
                damaged,
                missing);
    terminal.out().println(damaged > 0 ? terminal.alarming(sum) : sum);
  }
}
