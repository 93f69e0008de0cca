package io.weir.cli;

import io.weir.Weir;
import io.weir.config.ConfigLoader.Loaded;
import io.weir.config.ConfigPrinter;
import io.weir.config.Overrides;
import io.weir.logging.Logging;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weir config check}. */
@Command(
    name = "check",
    description = "Checks the configuration and prints it with all that it leaves to the defaults.")
final class ConfigCheckCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private final ConfigOption config = new ConfigOption();

  ConfigCheckCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Logging.hold(); // reading certificates has libraries speak, and what is printed here is YAML
    Loaded loaded = config.load(terminal.environment(), Overrides.NONE);
    Weir.check(loaded.config(), terminal.clock().instant())
        .forEach(warning -> terminal.err().println("weir: warning: " + warning));
    terminal
        .out()
        .println(
            loaded
                .file()
                .map(file -> "# " + file + " is valid. With the defaults it means:")
                .orElse("# There is no configuration file. The defaults are:"));
    terminal.out().print(ConfigPrinter.toYaml(loaded.config()));
    terminal.out().flush();
    return 0;
  }
}
