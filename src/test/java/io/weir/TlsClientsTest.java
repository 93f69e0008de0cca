package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Command;
import io.weir.testing.real.Containerd;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.HostsToml;
import io.weir.testing.real.ImageClient.Pulled;
import io.weir.testing.real.Podman;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.Skopeo;
import io.weir.testing.real.TestCertificate;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real clients that trust the server's certificate and nothing less, in both protocols. */
@RealTest
class TlsClientsTest {

  private static final String HUB = "docker.io";
  private static final String DEMO = "library/demo";

  @TempDir private Path folder;

  private final TestImage image = TestImages.oci().multiArch();
  private TestCertificate certificate;
  private Path trusted;
  @AutoClose private DockerRegistry hub;

  @BeforeEach
  void start() throws IOException {
    Programs.require("docker-registry", "containerd", "ctr", "podman", "skopeo", "curl");
    Programs.requireRoot();
    certificate = TestCertificate.selfSigned(folder);
    trusted = Files.createDirectory(folder.resolve("trusted"));
    Files.copy(certificate.certificate(), trusted.resolve("ca.crt"));
    hub = DockerRegistry.started();
    hub.push(image, DEMO, "v1");
  }

  private WeirServer serve(boolean prefersHttp2) throws IOException {
    WeirServer.Builder builder =
        WeirServer.in(folder.resolve("data"))
            .tls(new Config.Tls(certificate.certificate(), certificate.key(), Optional.empty()))
            .upstream(HUB, hub.uri());
    return (prefersHttp2 ? builder.preferHttp2() : builder).start();
  }

  private List<String> references(String repository) {
    return List.of(repository + ":v1", repository + "@" + image.digest());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void skopeoPodmanAndContainerdPull(boolean prefersHttp2) throws IOException {
    try (WeirServer weir = serve(prefersHttp2);
        Skopeo skopeo = new Skopeo();
        Podman podman = new Podman();
        Containerd containerd = Containerd.started()) {
      String authority = "127.0.0.1:" + weir.port();
      containerd.hosts(
          HUB,
          HostsToml.byNamespace(URI.create("https://" + authority))
              .withCa(certificate.certificate()));
      for (String reference : references(HUB + "/" + DEMO)) {
        containerd.forgetAll();
        assertThat(containerd.pull(reference)).isEqualTo(Pulled.of(image));
      }
      for (String reference : references(authority + "/" + HUB + "/" + DEMO)) {
        skopeo
            .command("copy", "--all", "--src-cert-dir", trusted.toString())
            .with("docker://" + reference, "dir:" + folder.resolve("copy"))
            .run()
            .orFail();
        podman.command("pull", "--cert-dir", trusted.toString()).with(reference).run().orFail();
      }
      assertThat(Cost.asked(hub))
          .containsExactlyInAnyOrderElementsOf(Cost.ofAllPlatforms(DEMO, "v1", image));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--http1.1", "--http2", "--http2-prior-knowledge"})
  void curlPulls(String option) throws IOException {
    try (WeirServer weir = serve(true)) {
      String pulled =
          Command.of("curl", "--silent", "--fail", option)
              .with("--cacert", certificate.certificate().toString())
              .with("--write-out", "%{http_version} %{size_download}", "--output", "/dev/null")
              .with("https://127.0.0.1:%d/v2/%s/%s/manifests/v1".formatted(weir.port(), HUB, DEMO))
              .run()
              .orFail()
              .output();
      String version = option.equals("--http1.1") ? "1.1" : "2";
      assertThat(pulled).isEqualTo(version + " " + image.manifest().sizeBytes());
    }
  }
}
