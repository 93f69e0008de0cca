package io.weir.cli;

import io.weir.clients.CaBundle;
import io.weir.clients.ClientConfig;
import io.weir.clients.ClientFile;
import io.weir.clients.ContainerRuntime;
import io.weir.clients.Mirror;
import io.weir.clients.Wishes;
import io.weir.config.Config;
import io.weir.config.MachineName;
import io.weir.config.Overrides;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

/**
 * {@code weir client-config}: files to standard output or into a folder, notes to standard error.
 */
@Command(
    name = "client-config",
    description = {
      "Prints what to put where so that RUNTIME pulls through this cache.",
      "It reads the same configuration as the server. Without RUNTIME it lists all that there are."
    })
final class ClientConfigCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOption config = new ConfigOption();

  @Parameters(arity = "0..1", paramLabel = "RUNTIME", description = "Who is to pull.")
  private @Nullable String runtime;

  @Option(
      names = "--host",
      paramLabel = "HOST[:PORT]",
      description =
          "How nodes reach the cache. Otherwise registry.listen, or this machine's name. With a port,"
              + " everything goes there, also what has a listener of its own.")
  private @Nullable String host;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "The certificates that nodes are to trust, PEM.")
  private @Nullable Path ca;

  @Option(
      names = "--only-mirror",
      description = "Nodes never contact the registries themselves, also where the cache fails.")
  private boolean onlyMirror;

  @Option(
      names = "--upstream",
      paramLabel = "NAME",
      description = "Only this upstream. Repeatable. Otherwise all.")
  private List<String> upstreams = List.of();

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Writes files there, laid out as they go on the node; / is the node itself.")
  private @Nullable Path output;

  @Option(names = "--force", description = "Writes over files that say something else.")
  private boolean force;

  ClientConfigCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (runtime == null) {
      list();
      return 0;
    }
    ClientConfig told = told(runtime);
    if (output == null) {
      print(told.files());
    } else {
      new FileLayout(output).write(told.files(), force).forEach(terminal.out()::println);
    }
    terminal.out().flush();
    told.notes().forEach(note -> terminal.err().println("weir: note: " + note));
    return 0;
  }

  private void list() {
    for (ContainerRuntime each : ContainerRuntime.values()) {
      terminal.out().println("%-18s%s".formatted(each.label(), each.summary()));
    }
    terminal.out().flush();
  }

  private ClientConfig told(String name) throws IOException {
    try {
      ContainerRuntime asked = ContainerRuntime.named(name);
      Config loaded = config.load(terminal.environment(), Overrides.NONE).config();
      return asked.configFor(Mirror.of(loaded, wishes()));
    } catch (IllegalArgumentException e) {
      throw wrongUsage(e.getMessage(), e);
    }
  }

  private Wishes wishes() throws IOException {
    return new Wishes(
        Optional.ofNullable(host), MachineName.current(), ca(), onlyMirror, upstreams);
  }

  private Optional<CaBundle> ca() throws IOException {
    if (ca == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(CaBundle.parse(Files.readString(ca, StandardCharsets.ISO_8859_1)));
    } catch (IllegalArgumentException e) {
      throw wrongUsage("--ca: " + ca + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw wrongUsage("--ca: " + ca + ": expected a file that can be read", e);
    }
  }

  private ParameterException wrongUsage(@Nullable String message, Exception cause) {
    CommandSpec here = spec;
    if (here == null) {
      throw new IllegalStateException("picocli sets it", cause);
    }
    return new ParameterException(here.commandLine(), message, cause);
  }

  /** One file as it is; several with a line in front of each that says where it goes. */
  private void print(List<ClientFile> files) {
    for (ClientFile file : files) {
      if (files.size() > 1) {
        terminal.out().println("##### " + file.path());
      }
      terminal.out().print(file.text());
      if (files.size() > 1) {
        terminal.out().println();
      }
    }
  }
}
