package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class CommandsTest {

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void versionIsOneLine() {
    assertThat(run("--version")).isZero();

    assertThat(out.toString()).matches("weir \\S+ \\(Java \\S+\\)\\R");
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "--help, Usage: weir [-hV] COMMAND",
    "help, Usage: weir [-hV] COMMAND",
    "help serve, Usage: weir serve",
    "serve --help, --upstream=NAME[=URL]",
    "config --help, schema",
    "config check --help, --config=FILE",
  })
  void helpIsForAskingAndNoError(String arguments, String part) {
    assertThat(run(arguments.split(" "))).isZero();

    assertThat(out.toString()).contains(part);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|weir: Missing required subcommand (see weir --help)",
        "config|weir: Missing required subcommand (see weir config --help)",
        "serv|weir: Unmatched argument at index 0: 'serv'; did you mean serve? (see weir --help)",
        "serve --lisen :1|weir: Unknown options: '--lisen', ':1'; did you mean --listen? (see weir serve --help)",
        "serve --config|weir: Missing required parameter for option '--config' (FILE) (see weir serve --help)",
      })
  void wrongUsageIsOneLineAndStatus2(String arguments, String line) {
    assertThat(run(arguments.isEmpty() ? new String[0] : arguments.split(" "))).isEqualTo(2);

    assertThat(err.toString()).isEqualToIgnoringNewLines(line);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aLogLevelThatIsNoneIsWrongUsage() {
    assertThat(run("serve", "--log-level", "loud")).isEqualTo(2);

    assertThat(err.toString().lines()).singleElement().asString().contains("--log-level", "'loud'");
  }

  @Test
  void checkPrintsWhatTheConfigurationMeans() throws IOException {
    Path file = Files.writeString(folder.resolve("w.yaml"), "admin: {listen: 'localhost:7'}");

    assertThat(run("config", "check", "--config", file.toString())).isZero();

    assertThat(out.toString())
        .startsWith("# " + file + " is valid. With the defaults it means:")
        .contains("  listen: 0.0.0.0:5000\n", "  listen: localhost:7\n", "  quay.io:\n");
  }

  @Test
  void checkTellsEveryProblemOnALineOfItsOwn() throws IOException {
    Path file = Files.writeString(folder.resolve("w.yaml"), "a: 1\nb: 2\n");

    assertThat(run("config", "check", "--config", file.toString())).isEqualTo(2);

    assertThat(err.toString().lines())
        .hasSize(2)
        .allMatch(line -> line.startsWith("weir: " + file + ":"));
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void serveRefusesWhatCheckRefuses() throws IOException {
    Files.createFile(folder.resolve("empty.yaml"));

    assertThat(run("serve", "--listen", "nowhere", "--upstream", "lab")).isEqualTo(2);

    assertThat(err.toString().lines())
        .hasSize(2)
        .anyMatch(line -> line.contains("upstreams.lab.url"));
  }

  @Test
  void schemaIsJson() {
    assertThat(run("config", "schema")).isZero();

    assertThat(new JsonMapper().readTree(out.toString()).has("properties")).isTrue();
  }

  private int run(String... arguments) {
    Map<String, String> environment =
        Map.of("HOME", folder.toString(), "WEIR_CONFIG", folder.resolve("empty.yaml").toString());
    return Main.run(
        new Terminal(
            new BufferedReader(new StringReader("")),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            environment,
            false,
            InstantSource.system()),
        arguments);
  }
}
