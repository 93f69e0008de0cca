package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.ConfigLoader;
import io.weir.config.Overrides;
import io.weir.config.Surroundings;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A secret that stands out is put into every place where the server may find one. Then pulls
 * succeed and fail, at the most talkative level, and all that comes out of the server is searched.
 */
@Timeout(300)
class SecretsTest {

  private static final String PULL = "/library/app/manifests/1";

  @TempDir private Path folder;

  private final List<ScriptedUpstream> registries = new ArrayList<>();
  private final List<String> planted = new CopyOnWriteArrayList<>();
  private final Map<String, String> variables = new HashMap<>();
  private final Map<String, String> upstreams = new LinkedHashMap<>();
  private final Map<String, String> seen = new LinkedHashMap<>();

  @AfterEach
  void stop() {
    registries.forEach(ScriptedUpstream::close);
  }

  /** A secret, which is then looked for as it is and in what Basic makes of it. */
  private String plant(String place) {
    String secret = "pLanted-" + place + "-4711";
    planted.add(secret);
    planted.add(base64("me:" + secret));
    return secret;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private ScriptedUpstream registry() {
    ScriptedUpstream registry = ScriptedUpstream.start();
    registry.image("library/app", "1", new byte[1000]);
    registries.add(registry);
    return registry;
  }

  private void upstream(String name, ScriptedUpstream registry, String credentials) {
    upstreams.put(name, "{url: '" + registry.url() + "', credentials: " + credentials + "}");
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private Path program(String name, String script) throws IOException {
    Path program = file(name, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return program;
  }

  private void plantAll() throws IOException {
    ScriptedUpstream inFile = registry();
    inFile.auth().basic("me", plant("file"));
    upstream("file", inFile, "{username: me, password-file: " + file("hub", plant("file")) + "}");

    ScriptedUpstream inVariable = registry();
    String password = plant("variable");
    inVariable.auth().bearer("me", password).tokens(() -> plant("token"));
    variables.put("PLANTED", password);
    upstream("variable", inVariable, "{username: me, password-env: PLANTED}");

    ScriptedUpstream docker = registry();
    String identity = plant("identity");
    docker.auth().refreshToken(identity);
    upstream("docker", docker, dockerConfig(docker, "{\"identitytoken\":\"" + identity + "\"}"));

    ScriptedUpstream login = registry();
    String auth = plant("auth");
    login.auth().basic("me", auth);
    upstream("login", login, dockerConfig(login, "{\"auth\":\"" + base64("me:" + auth) + "\"}"));

    ScriptedUpstream asked = registry();
    String secret = plant("helper");
    asked.auth().basic("me", secret);
    Path helper =
        program(
            "docker-credential-good",
            "echo %s >&2; echo '{\"Username\":\"me\",\"Secret\":\"%s\"}'"
                .formatted(secret, secret));
    upstream("helper", asked, "{exec: [" + helper + ", --token=" + plant("argument") + ", get]}");

    ScriptedUpstream unasked = registry();
    unasked.auth().basic("me", "x");
    Path broken =
        program(
            "docker-credential-broken", "echo 'cannot use " + plant("stderr") + "' >&2; exit 1");
    upstream("broken", unasked, "{exec: [" + broken + ", get]}");
    Path talkative = program("docker-credential-raw", "echo " + plant("raw"));
    upstream("raw", unasked, "{exec: [" + talkative + ", get]}");
    upstream(
        "damaged",
        unasked,
        "{docker-config: " + file("bad.json", "{\"auths\": " + plant("json")) + "}");

    ScriptedUpstream echo = registry();
    String wrong = plant("wrong");
    echo.auth().basic("me", "right");
    echo.on("*", "/v2/library/.*")
        .status(
            401,
            "{\"errors\":[{\"message\":\"wrong password " + wrong + "\"}]}",
            "WWW-Authenticate",
            "Basic realm=\"" + plant("realm") + "\"");
    upstream("wrong", echo, "{username: me, password-file: " + file("wrong", wrong) + "}");

    variables.put("HTTPS_PROXY", "http://me:" + plant("proxy") + "@127.0.0.1:1");
    upstreams.put("proxied", "{url: 'https://registry.example.net'}");
  }

  private String dockerConfig(ScriptedUpstream registry, String entry) throws IOException {
    String host = "127.0.0.1:" + registry.port();
    Path file = file(registry.port() + ".json", "{\"auths\":{\"" + host + "\":" + entry + "}}");
    return "{docker-config: " + file + "}";
  }

  private String yaml(Path token) {
    return "registry: {listen: 127.0.0.1:5000}\nadmin: {token-file: %s}\nupstreams:\n"
            .formatted(token)
        + upstreams.entrySet().stream()
            .map(entry -> "  " + entry.getKey() + ": " + entry.getValue() + "\n")
            .collect(Collectors.joining());
  }

  @Test
  void noSecretComesOut() throws Exception {
    plantAll();
    String token = plant("admin");
    String yaml = yaml(file("admin.token", token));
    WeirProcess.Builder builder =
        WeirProcess.builder().shortLived().config(yaml).arguments("--log-level", "trace");
    variables.forEach(builder::variable);
    try (WeirProcess weir = builder.start()) {
      for (String upstream : upstreams.keySet()) {
        pull(weir, upstream);
      }
      assertThat(seen.get("file")).as("a pull that succeeds").contains("200");
      assertThat(seen.get("helper")).contains("200");
      assertThat(seen.get("docker")).contains("200");
      assertThat(seen.get("wrong")).contains("403", "answered 401");
      assertThat(seen.get("broken")).contains("403", "docker-credential-broken ended");
      operate(weir, token);
      seen.put("greeting", weir.greeting());
      seen.put("log", weir.log().collect(Collectors.joining("\n")));
      assertThat(seen.get("log")).contains("docker-credential-broken ended", "cannot use");
    }
    check(yaml);
    seen.forEach((place, text) ->
        assertThat(planted)
            .allSatisfy(secret -> assertThat(text).as(place).doesNotContain(secret)));
  }

  private void pull(WeirProcess weir, String upstream) throws IOException {
    Http.Answer answer =
        Http.get(weir.port(), "/v2/" + upstream + PULL, "Authorization: Bearer " + plant("client"));
    seen.put(upstream, answer.status() + " " + answer.headers() + " " + answer.text());
  }

  private void operate(WeirProcess weir, String token) throws IOException {
    for (String path : List.of("status", "upstreams", "images", "jobs", "openapi.json")) {
      Http.Answer answer =
          Http.get(weir.adminPort(), "/api/v1/" + path, "Authorization: Bearer " + token);
      assertThat(answer.status()).as(path).isEqualTo(200);
      seen.put(path, answer.headers() + answer.text());
    }
    assertThat(seen.get("upstreams")).contains("password-env PLANTED");
    seen.put("metrics", Http.get(weir.adminPort(), "/metrics").text());
    seen.put(
        "refused",
        Http.get(weir.adminPort(), "/api/v1/status", "Authorization: Bearer " + plant("stranger"))
            .text());
  }

  private void check(String yaml) throws IOException {
    Path file = file("weir.yaml", yaml);
    StringWriter printed = new StringWriter();
    PrintWriter writer = new PrintWriter(printed, true);
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("HOME", folder.toString());
    Terminal terminal =
        new Terminal(
            new BufferedReader(new StringReader("")),
            writer,
            writer,
            environment,
            false,
            InstantSource.system());
    assertThat(Main.run(terminal, "config", "check", "--online", "--config", file.toString()))
        .isEqualTo(1);
    assertThat(printed.toString())
        .contains("# file: answers, with password-file", "# helper: answers", "# broken: FAILED: ");
    seen.put("config check", printed.toString());
    seen.put(
        "the configuration's records",
        new ConfigLoader(Surroundings.ofProcess(environment))
            .load(Optional.of(file), Overrides.NONE)
            .config()
            .toString());
  }
}
