package io.weir.cli;

import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;

/** The program. */
public final class Main {

  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] arguments) {
    System.exit(run(Terminal.ofProcess(), arguments));
  }

  /** Runs one command and returns its exit status. */
  static int run(Terminal terminal, String... arguments) {
    CommandLine config =
        new CommandLine(new ConfigCommand())
            .addSubcommand(new ConfigCheckCommand(terminal))
            .addSubcommand(new ConfigSchemaCommand(terminal));
    return new CommandLine(new WeirCommand())
        .addSubcommand(new ServeCommand(terminal))
        .addSubcommand(config)
        .addSubcommand(new StatusCommand(terminal))
        .addSubcommand(new LsCommand(terminal))
        .addSubcommand(new DfCommand(terminal))
        .addSubcommand(new EvictCommand(terminal))
        .addSubcommand(new PinCommand(terminal))
        .addSubcommand(new GcCommand(terminal))
        .addSubcommand(new ScrubCommand(terminal))
        .addSubcommand(new HelpCommand())
        .setOut(terminal.out())
        .setErr(terminal.err())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Failures::wrongUsage)
        .setExecutionExceptionHandler(Failures::failed)
        .execute(arguments);
  }
}
