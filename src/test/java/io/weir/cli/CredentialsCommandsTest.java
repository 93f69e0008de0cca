package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.UpstreamConfig.Credentials;
import io.weir.config.UpstreamConfig.SecretSource;
import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the commands say of credentials. */
@Timeout(60)
class CredentialsCommandsTest {

  @TempDir private Path folder;
  private final FakeClock clock = new FakeClock();
  private final Map<String, String> environment = new HashMap<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final ScriptedUpstream upstream = ScriptedUpstream.start();

  @AfterEach
  void stop() {
    upstream.close();
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    return Main.run(
        new Terminal(
            new BufferedReader(new StringReader("")),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            environment,
            false,
            clock),
        arguments);
  }

  @Test
  void statusSaysWhichAreUsedAndWhatIsWrongWithThem() throws IOException {
    upstream.image("library/app", "1", new byte[10]);
    upstream.auth().basic("me", "s3cret");
    Path file = Files.writeString(folder.resolve("password"), "s3cret");
    Credentials login = new Credentials.Login("me", new SecretSource.InFile(file));
    try (WeirServer weir =
        WeirServer.in(folder.resolve("store"))
            .clock(clock)
            .upstream("private", config -> config.credentials(login), upstream.url())
            .start()) {
      environment.put("WEIR_ADMIN", "http://127.0.0.1:" + weir.adminPort());
      assertThat(pull(weir)).isEqualTo(200);
      clock.advance(Duration.ofHours(2));
      assertThat(run("status")).isZero();
      assertThat(out.toString())
          .contains("STATE  CREDENTIALS\n")
          .contains("up     password-file " + file + " as me, of 2h ago\n");

      Files.delete(file);
      assertThat(pull(weir)).isEqualTo(200);
      assertThat(run("status")).isZero();
      assertThat(out.toString())
          .contains(", FAILED: password cannot be read: it is not there, 0s ago\n");
      assertThat(run("status", "--json")).isZero();
      assertThat(
              JsonMapper.shared().readTree(out.toString()).at("/upstreams/0/credentials/failure"))
          .isNotNull();
    }
  }

  private static int pull(WeirServer weir) throws IOException {
    return Http.get(weir.port(), "/v2/private/library/app/manifests/1").status();
  }

  @Test
  void checkOnlineAsksEachUpstreamWithItsCredentials() throws IOException {
    upstream.auth().basic("me", "right");
    environment.put("HOME", folder.toString());
    environment.put("RIGHT", "right");
    environment.put("WRONG", "wr0ng");
    String yaml =
        """
        registry: {listen: 127.0.0.1:5000}
        upstreams:
          good: {url: '%1$s', credentials: {username: me, password-env: RIGHT}}
          nobody: {url: '%1$s'}
        """
            .formatted(upstream.url());
    Path file = Files.writeString(folder.resolve("weir.yaml"), yaml);

    assertThat(run("config", "check", "--online", "--config", file.toString())).isZero();
    assertThat(out.toString())
        .startsWith("# " + file + " is valid.")
        .endsWith("# good: answers, with password-env RIGHT as me\n# nobody: answers\n");

    Files.writeString(
        file,
        yaml
            + """
              bad: {url: '%s', credentials: {username: me, password-env: WRONG}}
              away: {url: 'http://127.0.0.1:1'}
            """
                .formatted(upstream.url()));
    assertThat(run("config", "check", "--online", "--json", "--config", file.toString()))
        .isEqualTo(1);
    JsonNode results = JsonMapper.shared().readTree(out.toString());
    assertThat(results.at("/0/ok").asBoolean()).isTrue();
    assertThat(results.at("/1/ok").asBoolean()).isTrue();
    assertThat(results.at("/2/upstream").asString()).isEqualTo("bad");
    assertThat(results.at("/2/ok").asBoolean()).isFalse();
    assertThat(results.at("/2/problem").asString())
        .isEqualTo("bad: answered 401: authentication required");
    assertThat(results.at("/3/problem").asString())
        .isEqualTo("away: connection refused (127.0.0.1:1)");
    assertThat(out.toString()).doesNotContain("wr0ng");
  }
}
