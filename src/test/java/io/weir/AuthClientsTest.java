package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.oci.ImagePattern;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Command;
import io.weir.testing.real.Containerd;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.Dockerd;
import io.weir.testing.real.HostsToml;
import io.weir.testing.real.Podman;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.RegistriesConf;
import io.weir.testing.real.Skopeo;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real clients that log in, with a file that Apache's htpasswd has written. */
@RealTest
class AuthClientsTest {

  private static final String HUB = "docker.io";
  private static final String OPEN = "library/demo";
  private static final String CLOSED = "team/demo";
  private static final String USER = "node";
  private static final String PASSWORD = "correct horse";
  private static final String LOGIN = USER + ":" + PASSWORD;

  @TempDir private Path folder;

  private final TestImage image = TestImages.oci().multiArch();
  @AutoClose private final Skopeo skopeo = new Skopeo();
  @AutoClose private final Podman podman = new Podman();
  @AutoClose private Containerd containerd;
  @AutoClose private DockerRegistry hub;
  private Path users;

  @BeforeEach
  void start() {
    Programs.require("docker-registry", "containerd", "ctr", "podman", "skopeo", "htpasswd");
    Programs.requireRoot();
    containerd = Containerd.started();
    hub = DockerRegistry.started();
    hub.push(image, OPEN, "v1");
    hub.push(image, CLOSED, "v1");
    users = folder.resolve("users.htpasswd");
    Command.of("htpasswd", "-B", "-b", "-c", users.toString(), USER, PASSWORD).run().orFail();
  }

  private WeirServer serve(Optional<Config.Allowed> anonymous) throws IOException {
    WeirServer weir =
        WeirServer.in(folder.resolve("data"))
            .auth(new Config.Auth(Optional.of(users), anonymous, Map.of()))
            .upstream(HUB, hub.uri())
            .start();
    String authority = "127.0.0.1:" + weir.port();
    containerd.hosts(HUB, HostsToml.byNamespace(weir.url("")));
    skopeo.registries(RegistriesConf.empty().insecure(authority));
    podman.registries(RegistriesConf.empty().insecure(authority));
    return weir;
  }

  /** Pulls with each client; tells whether all could, or none. */
  private boolean pulled(WeirServer weir, String repository, Optional<String> login) {
    String here = "127.0.0.1:" + weir.port() + "/" + HUB + "/" + repository + ":v1";
    Command copy = skopeo.command("copy", "--all");
    Command pull = podman.command("pull", "--quiet");
    Command fetch =
        containerd
            .ctr("images", "pull", "--snapshotter", "native", "--hosts-dir")
            .with(containerd.hostsFolder().toString());
    if (login.isPresent()) {
      copy = copy.with("--src-creds", login.get());
      pull = pull.with("--creds", login.get());
      fetch = fetch.with("--user", login.get());
    }
    List<Boolean> results =
        List.of(
            copy.with("docker://" + here, "dir:" + folder.resolve("copy")).run().ok(),
            pull.with(here).run().ok(),
            fetch.with(HUB + "/" + repository + ":v1").run().ok());
    containerd.forgetAll();
    assertThat(results).as("skopeo, podman and containerd").containsOnly(results.getFirst());
    return results.getFirst();
  }

  @Test
  void whoLogsInPullsAndNobodyElse() throws IOException {
    try (WeirServer weir = serve(Optional.empty())) {
      assertThat(pulled(weir, CLOSED, Optional.empty())).isFalse();
      assertThat(pulled(weir, CLOSED, Optional.of("node:wrong"))).isFalse();
      assertThat(Cost.asked(hub)).isEmpty();
      assertThat(pulled(weir, CLOSED, Optional.of(LOGIN))).isTrue();
      assertThat(pulled(weir, CLOSED, Optional.empty())).isFalse();
      assertThat(Cost.given(hub))
          .containsExactlyInAnyOrderElementsOf(Cost.ofAllPlatforms(CLOSED, "v1", image));
    }
  }

  /** As {@code docker login} and {@code docker pull} do it, by the API of the daemon. */
  @Test
  void dockerLogsInAndPulls() throws IOException {
    Programs.require("dockerd", "curl");
    try (WeirServer weir = serve(Optional.empty());
        Dockerd docker = Dockerd.started()) {
      String authority = "127.0.0.1:" + weir.port();
      for (String password : List.of(PASSWORD, "wrong")) {
        String login =
            "{\"username\": \"%s\", \"password\": \"%s\", \"serveraddress\": \"%s\"}"
                .formatted(USER, password, authority);
        boolean isRight = !password.equals("wrong");
        Command.Outcome outcome =
            docker
                .api("POST", "/auth")
                .with("--header", "Content-Type: application/json", "--data", login)
                .run();
        assertThat(outcome.ok()).as(outcome.toString()).isEqualTo(isRight);

        byte[] header = login.getBytes(StandardCharsets.UTF_8);
        String pulled =
            docker
                .api(
                    "POST",
                    "/images/create?fromImage=%s/%s/%s&tag=v1".formatted(authority, HUB, CLOSED))
                .with(
                    "--header", "X-Registry-Auth: " + Base64.getUrlEncoder().encodeToString(header))
                .run()
                .output();
        assertThat(pulled.contains("Digest: " + image.digest())).as(pulled).isEqualTo(isRight);
      }
    }
  }

  /** The ping asks them for a login, and they go on without one. */
  @Test
  void anonymousClientsPullWhatIsTheirs() throws IOException {
    Config.Allowed library = new Config.Allowed(List.of(ImagePattern.parse(HUB + "/library/*")));
    try (WeirServer weir = serve(Optional.of(library))) {
      assertThat(pulled(weir, OPEN, Optional.empty())).isTrue();
      assertThat(pulled(weir, CLOSED, Optional.empty())).isFalse();
      assertThat(pulled(weir, CLOSED, Optional.of(LOGIN))).isTrue();
    }
  }
}
