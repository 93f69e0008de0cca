package io.weir.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.Http;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the files of the web page are answered, on a listener that wants a token. */
class PageAnswersTest {

  @TempDir private Path folder;
  @AutoClose private WeirServer weir;

  @BeforeEach
  void start() throws IOException {
    Path token = Files.writeString(folder.resolve("token"), "secret");
    weir =
        WeirServer.in(folder.resolve("store"))
            .adminToken(token)
            .upstream("hub", URI.create("http://127.0.0.1:9"))
            .start();
  }

  private Http.Answer get(String path, String... headers) throws IOException {
    return Http.get(weir.adminPort(), path, headers);
  }

  @Test
  void thePageComesWithoutTheTokenThatTheApiWants() throws IOException {
    assertThat(get("/").status()).isEqualTo(200);
    assertThat(get("/").header("Content-Type")).isEqualTo("text/html; charset=utf-8");
    assertThat(get("/api/v1/status").status()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/app.js", "/style.css", "/lib/lit-html/lit-html.js"})
  void aFileMayDoLittleAndIsAskedForAgain(String path) throws IOException {
    Http.Answer answer = get(path);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Security-Policy"))
        .isEqualTo(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                + " frame-ancestors 'none'; require-trusted-types-for 'script';"
                + " trusted-types lit-html");
    assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
    assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
    assertThat(answer.headers()).doesNotContainKey("set-cookie");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "W/%s", "\"other\", %s", "*"})
  void aFileThatTheBrowserHasIsNotSentAgain(String known) throws IOException {
    String etag = get("/app.js").header("ETag");

    Http.Answer answer = get("/app.js", "If-None-Match: " + known.formatted(etag));

    assertThat(answer.status()).isEqualTo(304);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.header("ETag")).isEqualTo(etag);
    assertThat(answer.header("Content-Security-Policy")).isNotEmpty();
  }

  @Test
  void aFileThatHasChangedIsSent() throws IOException {
    assertThat(get("/app.js", "If-None-Match: \"of-before\"").status()).isEqualTo(200);
  }

  @Test
  void headHasTheHeadersOfGet() throws IOException {
    Http.Answer head = Http.head(weir.adminPort(), "/app.js");

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Length"))
        .isEqualTo(Integer.toString(get("/app.js").body().length));
    assertThat(head.header("ETag")).isEqualTo(get("/app.js").header("ETag"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
  void nothingCanBeDoneToAFile(String method) throws IOException {
    Http.Answer answer = Http.request(weir.adminPort(), method, "/index.html");

    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.header("Allow")).isEqualTo("GET, HEAD");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/nothing", "/nothing.js", "/%2e%2e/admin/openapi.json", "/Assets.class"})
  void anotherPathIsAProblem(String path) throws IOException {
    Http.Answer answer = get(path);

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.text()).contains("here are the web page at /, /healthz");
  }
}
