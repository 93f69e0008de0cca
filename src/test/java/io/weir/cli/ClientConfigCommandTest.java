package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientConfigCommandTest {

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void configure() throws IOException {
    Files.writeString(folder.resolve("weir.yaml"), "upstreams: {docker.io: , quay.io: }");
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.run(
        new Terminal(
            new BufferedReader(new StringReader("")),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            Map.of("WEIR_CONFIG", folder.resolve("weir.yaml").toString()),
            false,
            InstantSource.system()),
        arguments);
  }

  @Test
  void withoutARuntimeAllAreListed() {
    assertThat(run("client-config")).isZero();

    assertThat(out.toString().lines())
        .hasSize(17)
        .contains("podman            a drop-in of registries.conf");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pdman|weir: unknown runtime \"pdman\"; did you mean \"podman\"? (see weir client-config --help)",
        "podman --upstream quay|weir: --upstream: no upstream \"quay\" is configured (see weir client-config --help)",
        "podman --host http://c|weir: --host: expected HOST or HOST:PORT without a scheme (got \"http://c\") (see weir client-config --help)",
        "podman --ca /nowhere/ca|weir: --ca: /nowhere/ca: expected a file that can be read (see weir client-config --help)",
        "podman --ca /dev/null|weir: --ca: /dev/null: expected a PEM file with a certificate (got none) (see weir client-config --help)",
      })
  void wrongUsageIsOneLineAndStatus2(String arguments, String line) {
    assertThat(run(("client-config " + arguments).split(" "))).isEqualTo(2);

    assertThat(err.toString()).isEqualToIgnoringNewLines(line);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aConfigurationThatCannotBeUsedIsRefused() throws IOException {
    Files.writeString(folder.resolve("weir.yaml"), "upstream: {}");

    assertThat(run("client-config", "podman")).isEqualTo(2);

    assertThat(err.toString()).contains("weir.yaml:1: upstream: unknown key");
  }

  /** So that it can be sent into the file that it is. */
  @Test
  void aSingleFileIsPrintedAsItIs() {
    assertThat(run("client-config", "podman", "--host", "cache", "--upstream", "quay.io")).isZero();

    assertThat(out.toString())
        .startsWith("# Pulls go to Weir")
        .endsWith("  location = \"cache:5000/quay.io\"\n  insecure = true\n")
        .doesNotContain("docker.io\"");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void severalFilesAreToldApartAndNotesAreNotAmongThem() {
    assertThat(run("client-config", "docker", "--host", "cache", "--only-mirror")).isZero();

    assertThat(out.toString())
        .contains(
            "##### /etc/docker/daemon.json\n", "##### /etc/docker/certs.d/quay.io/hosts.toml");
    assertThat(err.toString().lines())
        .isNotEmpty()
        .allMatch(line -> line.startsWith("weir: note: "));
    assertThat(err.toString()).contains("cannot close the way to Docker Hub");
  }

  @Test
  void filesAreLaidOutAsOnTheNode() throws IOException {
    Path node = folder.resolve("node");

    assertThat(run("client-config", "skopeo", "--host", "cache", "--output", node.toString()))
        .isZero();

    Path file = node.resolve("etc/containers/registries.conf.d/50-weir.conf");
    assertThat(out.toString().lines()).containsExactly(file.toString());
    assertThat(file).content().contains("cache:5000/docker.io");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r--r--");
  }

  /** {@code --output /} on a node that has a daemon.json already. */
  @Test
  void whatSaysSomethingElseIsNotReplacedUnasked() throws IOException {
    Path node = folder.resolve("node");
    String[] command = {"client-config", "docker", "--host", "cache", "--output", node.toString()};
    Path daemon = node.resolve("etc/docker/daemon.json");
    Files.createDirectories(daemon.resolveSibling("."));
    Files.writeString(daemon, "{\"debug\": true}");

    assertThat(run(command)).isEqualTo(1);

    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "weir: %s: says something else already; merge them by hand, or give --force to replace it"
                .formatted(daemon));
    assertThat(daemon).content().isEqualTo("{\"debug\": true}");
    assertThat(node.resolve("etc/docker/certs.d")).doesNotExist();

    List<String> forced = new ArrayList<>(List.of(command));
    forced.add("--force");
    assertThat(run(forced.toArray(String[]::new))).isZero();
    assertThat(daemon).content().contains("registry-mirrors");
    assertThat(run(command)).as("the same once more").isZero();
  }
}
