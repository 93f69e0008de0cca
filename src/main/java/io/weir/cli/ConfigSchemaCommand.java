package io.weir.cli;

import io.weir.config.ConfigJsonSchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code weir config schema}. */
@Command(name = "schema", description = "Prints the JSON Schema of the configuration, for editors.")
final class ConfigSchemaCommand implements Callable<Integer> {

  private final Terminal terminal;

  ConfigSchemaCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    terminal.out().print(ConfigJsonSchema.text());
    terminal.out().flush();
    return 0;
  }
}
