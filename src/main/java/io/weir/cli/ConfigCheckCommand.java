package io.weir.cli;

import io.weir.OnlineCheck;
import io.weir.OnlineCheck.Result;
import io.weir.Weir;
import io.weir.config.Config;
import io.weir.config.ConfigLoader.Loaded;
import io.weir.config.ConfigPrinter;
import io.weir.config.Overrides;
import io.weir.logging.Logging;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code weir config check}. */
@Command(
    name = "check",
    description = "Checks the configuration and prints it with all that it leaves to the defaults.")
final class ConfigCheckCommand implements Callable<Integer> {

  private static final JsonMapper JSON = JsonMapper.shared();

  private final Terminal terminal;

  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(
      names = "--online",
      description =
          "Also asks each upstream whether it answers and takes its credentials; status 1 where one"
              + " does not.")
  private boolean online;

  @Option(names = "--json", description = "With --online: prints only what they answered, as JSON.")
  private boolean json;

  ConfigCheckCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    Logging.hold(Level.ERROR); // what there is to say is printed, and that is YAML
    Loaded loaded = config.load(terminal.environment(), Overrides.NONE);
    Weir.check(loaded.config(), terminal.clock().instant())
        .forEach(warning -> terminal.err().println("weir: warning: " + warning));
    if (!online || !json) {
      print(loaded);
    }
    return online ? ask(loaded.config()) : 0;
  }

  private void print(Loaded loaded) {
    terminal
        .out()
        .println(
            loaded
                .file()
                .map(file -> "# " + file + " is valid. With the defaults it means:")
                .orElse("# There is no configuration file. The defaults are:"));
    terminal.out().print(ConfigPrinter.toYaml(loaded.config()));
    terminal.out().flush();
  }

  private int ask(Config asked) throws InterruptedException {
    List<Result> results = OnlineCheck.run(asked, terminal.environment());
    PrintWriter out = terminal.out();
    if (json) {
      out.println(toJson(results).toPrettyString());
    } else {
      results.forEach(result -> out.println(line(result)));
    }
    out.flush();
    return results.stream().allMatch(Result::isGood) ? 0 : 1;
  }

  /** A comment, so that all that is printed stays YAML. */
  private String line(Result result) {
    String credentials = result.credentials().map(source -> ", with " + source).orElse("");
    String answer =
        result.problem().map(why -> terminal.alarming("FAILED: " + why)).orElse("answers");
    return "# " + result.upstream() + ": " + answer + credentials;
  }

  private static ArrayNode toJson(List<Result> results) {
    ArrayNode array = JSON.createArrayNode();
    for (Result result : results) {
      ObjectNode object = array.addObject();
      object.put("upstream", result.upstream());
      object.put("ok", result.isGood());
      result.credentials().ifPresent(credentials -> object.put("credentials", credentials));
      result.problem().ifPresent(problem -> object.put("problem", problem));
    }
    return array;
  }
}
