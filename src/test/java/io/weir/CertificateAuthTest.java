package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.config.Config;
import io.weir.oci.ImagePattern;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.TestCertificates;
import io.weir.testing.Users;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who may pull what, by certificates, and by certificates or passwords. */
@Timeout(120)
class CertificateAuthTest {

  private static final String TEAM = "/v2/hub/team/app/manifests/v1";
  private static final String SECRET = "/v2/hub/secret/app/manifests/v1";

  private static TestCertificates server;
  private static TestCertificates node;
  private static TestCertificates ops;
  private static TestCertificates stranger;

  @TempDir private Path folder;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;
  private Users users;

  @BeforeAll
  static void makeCertificates(@TempDir Path folder, @TempDir Path elsewhere) throws Exception {
    server = TestCertificates.create(folder, "weir", "ip:127.0.0.1");
    node = TestCertificates.create(folder, "node", "dns:node.example.net");
    ops = TestCertificates.create(folder, "ops", "dns:ops.example.net");
    stranger = TestCertificates.create(elsewhere, "node", "dns:node.example.net");
  }

  @BeforeEach
  void start() throws IOException {
    byte[] layer = "layer".getBytes(StandardCharsets.UTF_8);
    upstream.image("team/app", "v1", layer);
    upstream.image("secret/app", "v1", layer);
    users = new Users(folder.resolve("users")).put("ci", "secret");
    Files.writeString(
        folder.resolve("clients.crt"),
        Files.readString(node.certificate()) + Files.readString(ops.certificate()));
    weir = builder().start();
  }

  private WeirServer.Builder builder() {
    return WeirServer.in(folder.resolve("data"))
        .tls(
            new Config.Tls(
                server.certificate(), server.key(), Optional.of(folder.resolve("clients.crt"))))
        .preferHttp2()
        .upstream("hub", upstream.url());
  }

  private static Config.Auth auth(Optional<Path> htpasswd, Optional<Config.Allowed> anonymous) {
    return new Config.Auth(
        htpasswd, anonymous, Map.of("node", allowed("hub/team/*"), "*", allowed("**")));
  }

  private static Config.Allowed allowed(String pattern) {
    return new Config.Allowed(List.of(ImagePattern.parse(pattern)));
  }

  private HttpResponse<String> get(Version version, SSLContext tls, String path, String... headers)
      throws Exception {
    try (HttpClient client = HttpClient.newBuilder().version(version).sslContext(tls).build()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + weir.port() + path));
      HttpResponse<String> answer =
          client.send(
              (headers.length == 0 ? request : request.headers(headers)).build(),
              BodyHandlers.ofString());
      assertThat(answer.version()).isEqualTo(version);
      return answer;
    }
  }

  private int status(Version version, SSLContext tls, String path, String... headers)
      throws Exception {
    return get(version, tls, path, headers).statusCode();
  }

  @ParameterizedTest
  @EnumSource
  void aCertificateAloneSaysWhoSomebodyIs(Version version) throws Exception {
    assertThat(status(version, node.client(server), SECRET)).isEqualTo(200);
    weir.reload(builder().auth(auth(Optional.empty(), Optional.empty())));

    assertThat(status(version, node.client(server), "/v2/")).isEqualTo(200);
    assertThat(status(version, node.client(server), TEAM)).isEqualTo(200);
    assertThat(status(version, node.client(server), SECRET)).isEqualTo(403);
    assertThat(status(version, ops.client(server), SECRET)).isEqualTo(200);
    assertNobodyElseGetsIn(version);
  }

  /** A session that is taken up again has no certificate in its handshake. */
  @ParameterizedTest
  @EnumSource
  void aSessionThatIsTakenUpAgainIsStillTheirs(Version version) throws Exception {
    weir.reload(builder().auth(auth(Optional.of(users.file()), Optional.empty())));
    SSLContext tls = node.client(server);
    for (int i = 0; i < 3; i++) {
      assertThat(status(version, tls, TEAM)).isEqualTo(200);
      assertThat(status(version, tls, SECRET)).isEqualTo(403);
    }
  }

  private void assertNobodyElseGetsIn(Version version) {
    for (TestCertificates other : List.of(stranger, server)) {
      assertThatThrownBy(() -> status(version, other.client(server), TEAM))
          .isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> status(version, server.trusting(), TEAM))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @EnumSource
  void whoHasNoCertificateMayLogInWhereThereArePasswords(Version version) throws Exception {
    weir.reload(builder().auth(auth(Optional.of(users.file()), Optional.empty())));
    String login = Users.login("ci", "secret");

    assertThat(status(version, node.client(server), TEAM)).isEqualTo(200);
    assertThat(status(version, node.client(server), SECRET)).isEqualTo(403);
    HttpResponse<String> asked = get(version, server.trusting(), TEAM);
    assertThat(asked.statusCode()).isEqualTo(401);
    assertThat(asked.headers().firstValue("WWW-Authenticate")).hasValue("Basic realm=\"weir\"");
    assertThat(status(version, server.trusting(), SECRET, "Authorization", login)).isEqualTo(200);
    assertThatThrownBy(() -> status(version, stranger.client(server), TEAM))
        .isInstanceOf(IOException.class);
  }

  /** The certificate counts: its bearer cannot get more by a password, nor less by a wrong one. */
  @ParameterizedTest
  @EnumSource
  void whoShowsACertificateIsNotAskedForAPassword(Version version) throws Exception {
    weir.reload(builder().auth(auth(Optional.of(users.file()), Optional.empty())));
    for (String password : List.of("secret", "wrong")) {
      String login = Users.login("ci", password);
      assertThat(status(version, node.client(server), TEAM, "Authorization", login)).isEqualTo(200);
      assertThat(status(version, node.client(server), SECRET, "Authorization", login))
          .isEqualTo(403);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoHasNoCertificateMayBeAnonymousWhereThatIsAllowed(Version version) throws Exception {
    weir.reload(builder().auth(auth(Optional.empty(), Optional.of(allowed("hub/team/*")))));

    assertThat(status(version, server.trusting(), "/v2/")).isEqualTo(200);
    assertThat(status(version, server.trusting(), TEAM)).isEqualTo(200);
    assertThat(status(version, server.trusting(), SECRET)).isEqualTo(403);
    assertThat(status(version, ops.client(server), SECRET)).isEqualTo(200);
  }
}
