package io.weir.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.clients.ContainerRuntime;
import io.weir.config.Config;
import io.weir.config.MachineName;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.TestCertificates;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** What the API says that runtimes need to be told. */
@Timeout(60)
class ClientConfigRoutesTest {

  @TempDir private Path data;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;
  private ApiClient api;

  @BeforeEach
  void start() throws IOException {
    weir =
        WeirServer.in(data)
            .upstream("docker.io", upstream.url())
            .upstream("quay.io", config -> config.host("quay.weir.example"), upstream.url())
            .defaultUpstream("docker.io")
            .start();
    api = new ApiClient(weir.adminPort());
  }

  private ApiClient.Answer ask(String rest) throws IOException {
    return api.get("/api/v1/client-config" + rest);
  }

  @Test
  void allRuntimesAreListed() throws IOException {
    JsonNode runtimes = ask("").body().path("runtimes");

    assertThat(runtimes)
        .extracting(runtime -> runtime.path("name").asString())
        .containsExactlyElementsOf(
            Arrays.stream(ContainerRuntime.values()).map(ContainerRuntime::label).toList());
    assertThat(runtimes.at("/0/summary").asString()).isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void eachIsToldWhereTheServerIs(ContainerRuntime runtime) throws IOException {
    JsonNode told = ask("/" + runtime.label() + "?host=weir.example:5000").body();

    assertThat(told.path("runtime").asString()).isEqualTo(runtime.label());
    assertThat(told.path("files")).isNotEmpty();
    assertThat(told.path("files").toString()).contains("weir.example:5000");
    assertThat(told.at("/files/0/mode").asString()).isEqualTo("0644");
  }

  @Test
  void upstreamsCanBeChosen() throws IOException {
    String all = ask("/containerd?host=weir:5000").body().path("files").toString();
    assertThat(all).contains("quay.io", "docker.io");

    String one = ask("/containerd?host=weir:5000&upstream=quay.io").body().toString();
    assertThat(one).contains("quay.io").doesNotContain("docker.io");
    assertThat(
            ask("/containerd?host=weir:5000&upstream=quay.io,docker.io")
                .body()
                .path("files")
                .size())
        .isEqualTo(ask("/containerd?host=weir:5000").body().path("files").size());
  }

  @Test
  void theRegistriesThemselvesCanBeClosed() throws IOException {
    String open = ask("/containerd?host=weir:5000").body().toString();
    String closed = ask("/containerd?host=weir:5000&onlyMirror=true").body().toString();

    assertThat(closed).isNotEqualTo(open);
    assertThat(ask("/containerd?host=weir:5000&onlyMirror=false").body().toString())
        .isEqualTo(open);
  }

  /** More certificates than a request line usually has room for. */
  @Test
  void nodesAreToldWhomToTrust() throws Exception {
    TestCertificates certificates = TestCertificates.create(data, "server", "dns:weir.example.net");
    String bundle = Files.readString(certificates.certificate()).repeat(8);
    String query = "?host=weir:5000&ca=" + URLEncoder.encode(bundle, StandardCharsets.UTF_8);
    assertThat(ask("/containerd" + query.replace("+", "%20")).body().path("notes").toString())
        .contains("The CA is not used");
    weir.close();
    weir =
        WeirServer.in(data)
            .upstream("docker.io", upstream.url())
            .tls(new Config.Tls(certificates.certificate(), certificates.key(), Optional.empty()))
            .start();
    api = new ApiClient(weir.adminPort());

    assertThat(ask("/containerd?host=weir:5000").body().path("notes").toString())
        .contains("no CA was given");
    JsonNode told = ask("/containerd" + query.replace("+", "%20")).body();
    assertThat(told.path("notes").toString()).doesNotContain("CA was");
    assertThat(told.path("files").toString()).contains("-----BEGIN CERTIFICATE-----");
    assertThat(ask("").body().path("https").asBoolean()).isTrue();
  }

  @Test
  void aHostIsProposedWhereOthersMayComeIn() throws IOException {
    assertThat(ask("").body().has("host")).as("on loopback").isFalse();
    assertThat(ask("").body().path("https").asBoolean()).isFalse();
    weir.close();
    weir = WeirServer.in(data).upstream("hub", upstream.url()).listen("0.0.0.0").start();
    api = new ApiClient(weir.adminPort());

    assertThat(ask("").body().path("host").asString()).isEqualTo(MachineName.current());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/podmann|404|unknown runtime \"podmann\"; did you mean \"podman\"? (GET /api/v1/client-config lists all)",
        "/..%2fstatus|404|unknown runtime",
        "/podman?host=http://weir|400|host: expected HOST or HOST:PORT without a scheme",
        "/podman?host=a%20b|400|host: expected HOST or HOST:PORT",
        "/podman?host=quay.weir.example|400|host: expected a name of the whole cache",
        "/podman?upstream=quay|400|upstream: no upstream \"quay\" is configured",
        "/podman?upstream=quay.io&upstream=docker.io|400|the query parameter 'upstream' is there twice",
        "/podman?onlyMirror=yes|400|onlyMirror has to be true or false",
        "/podman?host=weir:5000&ca=/etc/passwd|400|ca: expected a PEM file with a certificate (got none)",
        "/podman?host=weir:5000&ca=-----BEGIN%20PRIVATE%20KEY-----AAAA-----END%20PRIVATE%20KEY-----|400|ca: expected certificates only (got a private key",
        "/podman?host=weir:5000&file=ca.crt|400|there is no query parameter 'file' here",
        "/podman?host=weir|400|host: expected HOST:PORT",
      })
  void whatCannotBeToldIsRefusedWithTheReason(String path, int status, String detail)
      throws IOException {
    ApiClient.Answer answer = ask(path);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text("/detail")).startsWith(detail);
  }
}
