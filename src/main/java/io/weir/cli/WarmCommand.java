package io.weir.cli;

import io.weir.cli.Table.Column;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
import tools.jackson.databind.node.ObjectNode;

/** {@code weir warm}. An interrupt ends the fetching too; a second one only the command. */
@Command(
    name = "warm",
    description = "Fetches images before anybody pulls them, and says which cannot be had.")
final class WarmCommand implements Callable<Integer> {

  /** How many the server takes at a time. */
  private static final int IMAGES_IN_A_JOB = 1000;

  private static final String STANDARD_INPUT = "-";

  private final Terminal terminal;

  @Mixin private final AdminOption admin = new AdminOption();

  @Parameters(
      arity = "0..*",
      paramLabel = "IMAGE",
      description =
          "UPSTREAM/REPOSITORY with :TAG or @DIGEST, such as docker.io/library/nginx:1.27.")
  private List<String> images = List.of();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description =
          "Also what stands in FILE, one image a line; # begins a comment. - is standard input.")
  private @Nullable String file;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      description = "Only for this one, such as linux/arm64. Repeatable. Otherwise for all.")
  private List<String> platforms = List.of();

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  @Spec private @Nullable CommandSpec command;

  WarmCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    List<String> wanted = new ArrayList<>(images);
    if (file != null) {
      wanted.addAll(listed(file));
    }
    if (wanted.isEmpty()) {
      throw new ParameterException(
          Objects.requireNonNull(command).commandLine(),
          file == null ? "an IMAGE is missing, or -f FILE" : "there is no image in " + file);
    }
    try (AdminClient client = admin.connect(terminal.environment())) {
      JobFollower jobs = new JobFollower(client, terminal);
      ArrayNode warmed = AdminClient.JSON.createArrayNode();
      boolean isCancelled = false;
      for (int i = 0; i < wanted.size() && !isCancelled; i += IMAGES_IN_A_JOB) {
        List<String> some = wanted.subList(i, Math.min(wanted.size(), i + IMAGES_IN_A_JOB));
        JsonNode job = jobs.followOrCancel(jobs.begin(order(some)));
        isCancelled = JobFollower.isCancelled(job);
        job.path("result").path("images").forEach(warmed::add);
      }
      long failed = warmed.valueStream().filter(image -> image.has("error")).count();
      if (json) {
        ObjectNode result = AdminClient.JSON.createObjectNode();
        result.set("images", warmed);
        terminal.out().println(result.put("failed", failed).toPrettyString());
      } else {
        print(warmed, failed);
      }
      if (isCancelled) {
        terminal.err().println("weir: it was cancelled before all had been fetched");
        return JobFollower.STATUS_INTERRUPTED;
      }
      return failed == 0 ? 0 : 1;
    }
  }

  /** The names in a file, without comments. */
  private List<String> listed(String name) throws IOException {
    try (BufferedReader lines =
        name.equals(STANDARD_INPUT) ? terminal.in() : Files.newBufferedReader(Path.of(name))) {
      return lines
          .lines()
          .map(line -> line.split("#", 2)[0].strip())
          .filter(line -> !line.isEmpty())
          .toList();
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + name, e);
    } catch (IOException | UncheckedIOException e) {
      throw new IOException("%s cannot be read: %s".formatted(name, e.getMessage()), e);
    }
  }

  private ObjectNode order(List<String> some) {
    ObjectNode order = AdminClient.JSON.createObjectNode().put("kind", "warm");
    ArrayNode names = order.putArray("images");
    some.forEach(names::add);
    if (!platforms.isEmpty()) {
      ArrayNode wanted = order.putArray("platforms");
      platforms.forEach(wanted::add);
    }
    return order;
  }

  private void print(ArrayNode warmed, long failed) {
    Table table = new Table(terminal.out(), List.of(Column.text("IMAGE"), Column.text("FAILED")));
    long bytes = 0;
    for (JsonNode image : warmed) {
      bytes += image.path("bytes").asLong();
      if (image.has("error")) {
        table.add(image.path("reference").asString(), image.path("error").asString());
      }
    }
    table.flush();
    String sum = "%s, %s".formatted(Human.count(warmed.size(), "image"), Human.size(bytes));
    terminal
        .out()
        .println(
            failed == 0
                ? sum + ", all here"
                : terminal.alarming("%s, %d failed".formatted(sum, failed)));
  }
}
