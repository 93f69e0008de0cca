package io.weir.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
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
    CommandLine weir = new CommandLine(new WeirCommand());
    Map<String, Supplier<Object>> commands = commands(terminal);
    Supplier<Object> asked = arguments.length == 0 ? null : commands.get(arguments[0]);
    // To read the declaration of one command takes 10 to 20 ms, which a start need not pay for all.
    if (asked != null) {
      Object command = asked.get();
      if (command instanceof ServeCommand serve) {
        serve.prepare(); // picocli takes a fifth of a second
      }
      weir.addSubcommand(command);
    } else {
      commands.values().forEach(command -> weir.addSubcommand(command.get()));
      weir.addSubcommand(new HelpCommand());
    }
    return weir.setOut(terminal.out())
        .setErr(terminal.err())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Failures::wrongUsage)
        .setExecutionExceptionHandler(Failures::failed)
        .execute(arguments);
  }

  /** In the order in which help lists them. */
  private static Map<String, Supplier<Object>> commands(Terminal terminal) {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("serve", () -> new ServeCommand(terminal));
    commands.put("config", () -> config(terminal));
    commands.put("client-config", () -> new ClientConfigCommand(terminal));
    commands.put("tls", () -> tls(terminal));
    commands.put("status", () -> new StatusCommand(terminal));
    commands.put("ls", () -> new LsCommand(terminal));
    commands.put("df", () -> new DfCommand(terminal));
    commands.put("evict", () -> new EvictCommand(terminal));
    commands.put("pin", () -> new PinCommand(terminal));
    commands.put("warm", () -> new WarmCommand(terminal));
    commands.put("gc", () -> new GcCommand(terminal));
    commands.put("scrub", () -> new ScrubCommand(terminal));
    return commands;
  }

  private static CommandLine config(Terminal terminal) {
    return new CommandLine(new ConfigCommand())
        .addSubcommand(new ConfigCheckCommand(terminal))
        .addSubcommand(new ConfigSchemaCommand(terminal));
  }

  private static CommandLine tls(Terminal terminal) {
    return new CommandLine(new TlsCommand())
        .addSubcommand(new TlsInitCommand(terminal))
        .addSubcommand(new TlsRenewCommand(terminal));
  }
}
