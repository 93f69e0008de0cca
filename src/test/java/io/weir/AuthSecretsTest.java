package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.Users;
import io.weir.testing.WeirProcess;
import io.weir.testing.real.RealTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Passwords that are planted come up nowhere, at the most talkative level of the log. */
@RealTest
@Timeout(120)
class AuthSecretsTest {

  private static final String RIGHT = "PLANTED-right";
  private static final String WRONG = "PLANTED-wrong";

  @TempDir private Path folder;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();

  /** As text, and as it stands in the header. */
  private static List<String> planted() {
    return List.of(
        "PLANTED",
        Users.login("ci", RIGHT).replace("Basic ", ""),
        Users.login("ci", WRONG).replace("Basic ", ""),
        Users.login("nobody", WRONG).replace("Basic ", ""));
  }

  @Test
  void noPasswordAndNoHashComesUpAnywhere() throws IOException {
    upstream.image("team/app", "v1", "layer".getBytes(StandardCharsets.UTF_8));
    Users users = new Users(folder.resolve("users")).put("ci", RIGHT);
    String hash = Files.readString(users.file()).strip().replace("ci:", "");
    List<String> said = new ArrayList<>();
    try (WeirProcess weir =
        WeirProcess.builder()
            .arguments("--log-level", "trace")
            .config(
                """
                registry:
                  auth:
                    htpasswd: %s
                    users:
                      ci: {allow: [hub/team/*]}
                """
                    .formatted(users.file()))
            .upstream("hub", upstream.url())
            .start()) {
      for (String header :
          List.of(
              Users.header("ci", RIGHT),
              Users.header("ci", WRONG),
              Users.header("nobody", WRONG),
              Users.header("ci", WRONG + "\n"),
              Users.header("ci", WRONG + "x".repeat(80)),
              "Authorization: Bearer " + WRONG,
              "Authorization: " + WRONG,
              "Authorization: Basic " + WRONG)) {
        for (String target :
            List.of(
                "/v2/",
                "/v2/_catalog",
                "/v2/hub/team/app/manifests/v1",
                "/v2/hub/secret/app/manifests/v1",
                "/v2/nowhere/manifests/v1")) {
          said.add(text(Http.get(weir.port(), target, header)));
        }
        said.add(text(Http.request(weir.port(), "PUT", "/v2/hub/a/manifests/v1", header)));
      }
      for (int i = 0; i < 30; i++) {
        said.add(text(Http.get(weir.port(), "/v2/", Users.header("ci", WRONG + i))));
      }
      for (String target :
          List.of("/metrics", "/api/v1/status", "/api/v1/upstreams", "/api/v1/images")) {
        said.add(text(Http.get(weir.adminPort(), target)));
      }
      said.add(weir.greeting());
      weir.log().forEach(said::add);
    }
    assertThat(said).anyMatch(line -> line.contains("a login failed: the wrong password"));
    assertThat(said).anyMatch(line -> line.contains("\"user\":\"nobody\""));
    assertThat(said)
        .anyMatch(line -> line.contains("\"user\":\"ci\"") && line.contains("team/app"));
    assertThat(said).anyMatch(line -> line.startsWith("429"));
    for (String secret : planted()) {
      assertThat(said).noneMatch(text -> text.contains(secret));
    }
    assertThat(said).noneMatch(text -> text.contains(hash));
    assertThat(upstream.requests())
        .isNotEmpty()
        .noneMatch(request -> request.header("authorization").isPresent());
  }

  private static String text(Http.Answer answer) {
    Map<String, String> headers = answer.headers();
    return answer.status() + " " + headers + " " + answer.text();
  }
}
