package io.weir.testing.real;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.real.ImageClient.Pulled;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContainerdTest extends ImageClientContract {

  @Override
  List<String> programs() {
    return List.of("containerd", "ctr");
  }

  @Override
  ImageClient start(DockerRegistry mirror) {
    Containerd containerd = Containerd.started();
    containerd.hosts("docker.io", HostsToml.byNamespace(mirror.uri()));
    return containerd;
  }

  @Test
  void theRegistryIsNamedInTheQuery() {
    try (DockerRegistry mirror = DockerRegistry.started();
        Containerd containerd = Containerd.started()) {
      TestImage image = TestImages.oci().multiArch();
      mirror.push(image, "library/demo", "v1");
      containerd.hosts("quay.io", HostsToml.byNamespace(mirror.uri()));

      containerd.pull("quay.io/library/demo:v1");

      assertThat(mirror.requests())
          .isNotEmpty()
          .allSatisfy(request -> assertThat(request.query()).isEqualTo("ns=quay.io"))
          .allSatisfy(request -> assertThat(request.userAgent()).startsWith("containerd/"));
    }
  }

  /** A repository may be called docker.io/library/demo, so the registry can stand for the cache. */
  @Test
  void theRegistryIsNamedInThePath() {
    try (DockerRegistry mirror = DockerRegistry.started();
        Containerd containerd = Containerd.started()) {
      TestImage image = TestImages.oci().multiArch();
      mirror.push(image, "docker.io/library/demo", "v1");
      containerd.hosts("docker.io", HostsToml.byPath(mirror.uri(), "docker.io"));

      assertThat(containerd.pull("docker.io/library/demo:v1")).isEqualTo(Pulled.of(image));
      assertThat(mirror.requests())
          .isNotEmpty()
          .allSatisfy(
              request -> assertThat(request.path()).startsWith("/v2/docker.io/library/demo/"));
    }
  }

  @Test
  void theRegistryIsNamedBeforeTheApi() {
    Programs.require("nginx");
    try (DockerRegistry registry = DockerRegistry.started();
        Nginx mirror =
            Nginx.started("location /docker.io/ { proxy_pass " + registry.uri() + "/; }");
        Containerd containerd = Containerd.started()) {
      TestImage image = TestImages.oci().multiArch();
      registry.push(image, "library/demo", "v1");
      containerd.hosts("docker.io", HostsToml.byPathBeforeV2(mirror.uri(), "docker.io"));

      assertThat(containerd.pull("docker.io/library/demo:v1")).isEqualTo(Pulled.of(image));
      assertThat(mirror.requests())
          .isNotEmpty()
          .allSatisfy(
              request -> assertThat(request.path()).startsWith("/docker.io/v2/library/demo/"));
    }
  }

  @Test
  void theMirrorsCertificateIsTrusted(@TempDir Path folder) {
    TestCertificate certificate = TestCertificate.selfSigned(folder);
    try (DockerRegistry mirror = DockerRegistry.builder().tls(certificate).start();
        Containerd containerd = Containerd.started()) {
      TestImage image = TestImages.oci().multiArch();
      mirror.push(image, "library/demo", "v1");
      HostsToml hosts = HostsToml.byNamespace(mirror.uri());
      containerd.hosts("docker.io", hosts.withCa(certificate.certificate()));

      assertThat(containerd.pull("docker.io/library/demo:v1")).isEqualTo(Pulled.of(image));
    }
  }

  @Test
  void everythingOrOnlyThisPlatformIsStored() {
    try (DockerRegistry registry = DockerRegistry.started();
        Containerd containerd = Containerd.started()) {
      TestImage image = TestImages.oci().multiArch();
      registry.push(image, "demo", "v1");
      String reference = registry.reference("demo", "v1");

      containerd.pull(reference);
      assertThat(containerd.stored())
          .containsExactlyInAnyOrder(
              image.digest(),
              image.here().digest(),
              image.here().id(),
              image.here().layers().get(0).digest(),
              image.here().layers().get(1).digest());

      assertThat(containerd.pullAllPlatforms(reference)).isEqualTo(Pulled.of(image));
      assertThat(containerd.stored()).isEqualTo(image.digests());

      containerd.forgetAll();
      assertThat(containerd.stored()).isEmpty();
    }
  }
}
