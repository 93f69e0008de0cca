package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.config.UpstreamConfig.Credentials;
import io.weir.config.UpstreamConfig.SecretSource;
import io.weir.testing.FakeClock;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Containerd;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.HostsToml;
import io.weir.testing.real.ImageClient;
import io.weir.testing.real.ImageClient.Pulled;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.RegistriesConf;
import io.weir.testing.real.Skopeo;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An upstream that wants a name and a password, which the server has and its clients have not. */
@RealTest
class PrivateUpstreamTest {

  private static final String NAME = "registry.example.net";
  private static final String DEMO = NAME + "/team/demo:v1";

  @TempDir private Path folder;

  private final FakeClock clock = new FakeClock();
  private final TestImage image = TestImages.oci().multiArch();

  @AutoClose private DockerRegistry upstream;
  @AutoClose private Containerd containerd;
  @AutoClose private Skopeo skopeo;

  @BeforeEach
  void start() {
    Programs.require("docker-registry", "containerd", "ctr", "skopeo");
    Programs.requireRoot();
    upstream = DockerRegistry.builder().withAccount().start();
    upstream.push(image, "team/demo", "v1");
    containerd = Containerd.started();
    skopeo = new Skopeo();
  }

  private WeirServer serve(Credentials credentials) throws IOException {
    return pointClientsAt(
        server().upstream(NAME, config -> config.credentials(credentials), upstream.uri()).start());
  }

  private WeirServer.Builder server() {
    return WeirServer.in(folder.resolve("data")).clock(clock);
  }

  private WeirServer pointClientsAt(WeirServer weir) {
    containerd.hosts(NAME, HostsToml.byNamespace(weir.url("")));
    skopeo.registries(RegistriesConf.empty().mirror(NAME, "127.0.0.1:" + weir.port() + "/" + NAME));
    return weir;
  }

  private Credentials login(String password) throws IOException {
    Path file = Files.writeString(folder.resolve("password"), password + "\n");
    return new Credentials.Login(DockerRegistry.USER, new SecretSource.InFile(file));
  }

  private void assertPulledByAnonymousClients() {
    assertThat(containerd.pull(DEMO)).isEqualTo(Pulled.of(image));
    assertThat(skopeo.copyAll(DEMO).digests()).isEqualTo(image.digests());
    assertThat(Cost.given(upstream))
        .containsExactlyInAnyOrderElementsOf(Cost.ofAllPlatforms("team/demo", "v1", image));
  }

  private void assertDenied() {
    for (ImageClient client : List.of(containerd, skopeo)) {
      assertThatThrownBy(() -> client.pull(DEMO))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining(NAME + ": answered 401")
          .hasMessageNotContaining("wrong");
    }
  }

  @Test
  void clientsPullThroughTheServersNameAndPassword() throws IOException {
    try (WeirServer _ = serve(login(DockerRegistry.PASSWORD))) {
      assertPulledByAnonymousClients();
    }
  }

  @Test
  void clientsPullThroughTheServersDockerConfig() throws IOException {
    String login = DockerRegistry.USER + ":" + DockerRegistry.PASSWORD;
    Path file =
        Files.writeString(
            folder.resolve("pull-secret.json"),
            """
            {"auths": {"another.example.net": {"auth": "bm9ib2R5Om5vdGhpbmc="},
                       "%s": {"auth": "%s"}}}
            """
                .formatted(
                    upstream.authority(),
                    Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8))));
    try (WeirServer _ = serve(new Credentials.DockerConfig(file, Duration.ofMinutes(30)))) {
      assertPulledByAnonymousClients();
    }
  }

  @Test
  void clientsPullThroughWhatAHelperGives() throws IOException {
    Path helper =
        Files.writeString(
            folder.resolve("docker-credential-test"),
            """
            #!/bin/sh
            cat >>'%s'
            echo '{"ServerURL":"x","Username":"%s","Secret":"%s"}'
            """
                .formatted(folder.resolve("asked"), DockerRegistry.USER, DockerRegistry.PASSWORD));
    Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));
    Credentials exec = new Credentials.Exec(List.of(helper.toString(), "get"), Duration.ofHours(6));
    try (WeirServer _ = serve(exec)) {
      assertPulledByAnonymousClients();
      assertThat(folder.resolve("asked")).hasContent(upstream.uri().getAuthority());
    }
  }

  /** Not 401: a client would answer that with what it knows of itself, and this is not for us. */
  @Test
  void withoutCredentialsThePullIsDenied() throws IOException {
    try (WeirServer _ = pointClientsAt(server().upstream(NAME, upstream.uri()).start())) {
      assertDenied();
    }
  }

  @Test
  void aPasswordIsReplacedWithoutARestart() throws IOException {
    try (WeirServer _ = serve(login("wrong password"))) {
      assertDenied();

      Credentials _ = login(DockerRegistry.PASSWORD);
      clock.advance(Duration.ofSeconds(10)); // the denial is remembered for a moment

      assertPulledByAnonymousClients();
    }
  }
}
