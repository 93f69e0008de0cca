package io.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program as a process of its own, because signals and exit statuses are what it is about. */
@Timeout(60)
class ServeTest {

  private static final String ANY_PORT = "127.0.0.1:0";

  @TempDir Path folder;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void end() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void itSaysWhereEverythingIsAndWhatToTry() throws Exception {
    Process weir = serve(ANY_PORT, List.of("--upstream", "lab=http://127.0.0.1:1"));

    String greeting = greeting(weir);

    assertThat(greeting)
        .startsWith("weir ")
        .contains("  store      " + folder.resolve("data"))
        .contains("  upstreams  docker.io, quay.io, ")
        .contains(", lab\n")
        .containsPattern(
            "skopeo inspect --tls-verify=false docker://127.0.0.1:[0-9]+/docker.io/library/alpine");
  }

  @Test
  void operatorsGetAnAnswerAtTheAddressThatItSays() throws Exception {
    Process weir = serve(ANY_PORT, List.of());
    Matcher admin =
        Pattern.compile("operators +(http://127.0.0.1:[0-9]+)/metrics").matcher(greeting(weir));
    assertThat(admin.find()).isTrue();

    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(admin.group(1) + "/readyz")).build();
      assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalEndsItWell(String signal) throws Exception {
    Process weir = serve(ANY_PORT, List.of());
    greeting(weir);

    new ProcessBuilder("kill", "-" + signal, Long.toString(weir.pid())).start().waitFor();

    assertThat(weir.waitFor()).isZero();
  }

  @Test
  void aPortInUseIsALineThatSaysSoAndStatus1() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();

      Process weir = serve(address, List.of());

      assertThat(weir.waitFor()).isEqualTo(1);
      assertThat(new String(weir.getErrorStream().readAllBytes(), UTF_8))
          .startsWith("weir: cannot listen on " + address + ": ")
          .hasLineCount(1);
    }
  }

  private Process serve(String listen, List<String> more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "io.weir.cli.Main",
                "serve",
                "--listen",
                listen,
                "--admin",
                ANY_PORT,
                "--data",
                folder.resolve("data").toString()));
    command.addAll(more);
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().remove("WEIR_CONFIG");
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private static String greeting(Process weir) throws IOException {
    BufferedReader out = weir.inputReader(UTF_8);
    StringBuilder greeting = new StringBuilder();
    String line = out.readLine();
    while (line != null && !line.startsWith("  try ")) {
      greeting.append(line).append('\n');
      line = out.readLine();
    }
    return greeting.append(line).append('\n').toString();
  }
}
