package io.weir.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.UpstreamConfig.Credentials;
import io.weir.config.UpstreamConfig.SecretSource;
import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What the API says of the credentials that an upstream is asked with. */
@Timeout(60)
class CredentialsTest {

  @TempDir private Path folder;
  private final FakeClock clock = new FakeClock();
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();

  private WeirServer serve(Credentials credentials) throws IOException {
    upstream.image("library/app", "1", new byte[10]);
    upstream.auth().basic("me", "s3cret");
    return WeirServer.in(folder.resolve("store"))
        .clock(clock)
        .upstream("open", upstream.url())
        .upstream("private", config -> config.credentials(credentials), upstream.url())
        .start();
  }

  private static JsonNode upstreams(WeirServer weir) throws IOException {
    return new ApiClient(weir.adminPort()).get("/api/v1/upstreams").body().path("upstreams");
  }

  private static int pull(WeirServer weir) throws IOException {
    return Http.get(weir.port(), "/v2/private/library/app/manifests/1").status();
  }

  @Test
  void aPasswordsFileIsNamedAndWhenItWasRead() throws IOException {
    Path file = Files.writeString(folder.resolve("password"), "s3cret");
    Credentials login = new Credentials.Login("me", new SecretSource.InFile(file));
    try (WeirServer weir = serve(login)) {
      assertThat(upstreams(weir).at("/0").has("credentials")).as("nobody at 'open'").isFalse();
      JsonNode before = upstreams(weir).at("/1/credentials");
      assertThat(before.path("source").asString()).isEqualTo("password-file " + file);
      assertThat(before.path("username").asString()).isEqualTo("me");
      assertThat(before.has("since")).isFalse();

      assertThat(pull(weir)).isEqualTo(200);
      JsonNode after = upstreams(weir).at("/1/credentials");
      assertThat(after.path("since").asString()).isEqualTo(clock.instant().toString());
      assertThat(after.has("until")).isFalse();
      assertThat(after.has("failure")).isFalse();
    }
  }

  @Test
  void whyAHelperFailsIsSaidAndNotToClients() throws IOException {
    Path program =
        Files.writeString(folder.resolve("helper"), "#!/bin/sh\necho sorry >&2; exit 4\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Credentials exec = new Credentials.Exec(List.of(program.toString()), Duration.ofHours(1));
    try (WeirServer weir = serve(exec)) {
      Http.Answer answer = Http.get(weir.port(), "/v2/private/library/app/manifests/1");
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.text()).contains("private: no credentials: helper ended with status 4\"");

      JsonNode credentials = upstreams(weir).at("/1/credentials");
      assertThat(credentials.path("source").asString()).isEqualTo("exec " + program);
      assertThat(credentials.path("failure").asString())
          .isEqualTo("helper ended with status 4: sorry");
      assertThat(credentials.path("failed").asString()).isEqualTo(clock.instant().toString());
    }
  }
}
