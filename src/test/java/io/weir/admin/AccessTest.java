package io.weir.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets into the API, and who does not. */
@Timeout(60)
class AccessTest {

  private static final String STATUS = "/api/v1/status";
  private static final String PIN = "{\"pattern\":\"hub/**\"}";

  @TempDir private Path folder;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private WeirServer.Builder weir;

  @BeforeEach
  void configure() {
    weir = WeirServer.in(folder.resolve("store")).upstream("hub", upstream.url());
  }

  private Path token(String content) throws IOException {
    return Files.writeString(folder.resolve("token"), content);
  }

  // The token.

  @Test
  void withATokenNobodyGetsInWithoutIt() throws IOException {
    try (WeirServer server = weir.adminToken(token("s3cret\n")).start()) {
      ApiClient api = new ApiClient(server.adminPort());

      ApiClient.Answer without = api.get(STATUS);
      assertThat(without.status()).isEqualTo(401);
      assertThat(without.headers()).containsEntry("www-authenticate", "Bearer realm=\"weir\"");
      assertThat(without.body().toString()).doesNotContain("s3cret");
      assertThat(api.get(STATUS, "Authorization: Bearer s3cret").status()).isEqualTo(200);
      assertThat(api.get(STATUS, "authorization: bearer  s3cret ").status()).isEqualTo(200);
      assertThat(api.get("/api/v1/nothing").status()).isEqualTo(401);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Bearer", "Bearer ", "Bearer s3cre", "Bearer s3crets", "Basic s3cret", "s3cret"})
  void anythingElseIsNoToken(String authorization) throws IOException {
    try (WeirServer server = weir.adminToken(token("s3cret")).start()) {
      assertThat(
              new ApiClient(server.adminPort())
                  .get(STATUS, "Authorization: " + authorization)
                  .status())
          .isEqualTo(401);
    }
  }

  @Test
  void aNewTokenCountsAtOnce() throws IOException {
    try (WeirServer server = weir.adminToken(token("old")).start()) {
      ApiClient api = new ApiClient(server.adminPort());
      assertThat(api.get(STATUS, "Authorization: Bearer old").status()).isEqualTo(200);

      token("new");

      assertThat(api.get(STATUS, "Authorization: Bearer old").status()).isEqualTo(401);
      assertThat(api.get(STATUS, "Authorization: Bearer new").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", " \n"})
  void anEmptyTokenLetsNobodyIn(String content) throws IOException {
    try (WeirServer server = weir.adminToken(token(content)).start()) {
      ApiClient api = new ApiClient(server.adminPort());

      assertThat(api.get(STATUS, "Authorization: Bearer x").status()).isEqualTo(503);
      assertThat(api.get(STATUS).status()).isEqualTo(401);
    }
  }

  @Test
  void healthAndMetricsNeedNoToken() throws IOException {
    try (WeirServer server = weir.adminToken(token("s3cret")).start()) {
      for (String path : new String[] {"/healthz", "/readyz", "/metrics"}) {
        assertThat(Http.get(server.adminPort(), path).status()).as(path).isEqualTo(200);
      }
    }
  }

  // Without a token.

  @Test
  void whereOtherMachinesCanAskTheApiIsClosedUntilThereIsAToken() throws IOException {
    try (WeirServer server = weir.adminListen("0.0.0.0").start()) {
      ApiClient api = new ApiClient(server.adminPort());

      ApiClient.Answer answer = api.get(STATUS);
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.text("/detail")).contains("admin.token-file");
      assertThat(api.get("/api/v1/openapi.json").status()).isEqualTo(403);
      assertThat(Http.get(server.adminPort(), "/metrics").status()).isEqualTo(200);
    }
    try (WeirServer server = weir.adminListen("0.0.0.0").adminToken(token("s3cret")).start()) {
      ApiClient api = new ApiClient(server.adminPort());

      assertThat(api.get(STATUS, "Authorization: Bearer s3cret").status()).isEqualTo(200);
      assertThat(api.get(STATUS).status()).isEqualTo(401);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, 200",
    "LOCALHOST:5001, 200",
    "127.0.0.1, 200",
    "[::1]:5001, 200",
    "10.0.0.7:5001, 200",
    "evil.example, 403",
    "evil.example:5001, 403",
    "localhost.evil.example, 403",
    "127.0.0.1.evil.example, 403",
    "'', 403",
  })
  void aNameThatAStrangerMayHavePointedHereIsNotAnswered(String host, int status)
      throws IOException {
    try (WeirServer server = weir.start()) {
      assertThat(new ApiClient(server.adminPort()).get(STATUS, "Host: " + host).status())
          .isEqualTo(status);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost:5001, 201",
    "HTTP://LocalHost:5001, 201",
    "http://evil.example, 403",
    "http://localhost:80, 403",
    "http://localhost, 403",
    "null, 403",
    "%, 403",
  })
  void aPageFromElsewhereChangesNothing(String origin, int status) throws IOException {
    try (WeirServer server = weir.start()) {
      ApiClient api = new ApiClient(server.adminPort());
      ApiClient.Answer answer =
          api.send(
              "POST",
              "/api/v1/pins",
              PIN,
              "Host: localhost:5001",
              "Origin: " + origin,
              "Content-Type: application/json");

      assertThat(answer.status()).isEqualTo(status);
      assertThat(api.delete("/api/v1/pins/hub/**", "Origin: http://evil.example").status())
          .isEqualTo(403);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "application/json, 201",
    "Application/JSON; charset=utf-8, 201",
    "text/plain, 415",
    "application/x-www-form-urlencoded, 415",
    "'', 415",
  })
  void aFormOfAPageIsNotTaken(String type, int status) throws IOException {
    try (WeirServer server = weir.start()) {
      assertThat(
              new ApiClient(server.adminPort())
                  .send("POST", "/api/v1/pins", PIN, "Content-Type: " + type)
                  .status())
          .isEqualTo(status);
    }
  }
}
