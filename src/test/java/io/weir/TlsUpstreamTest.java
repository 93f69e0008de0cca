package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.testing.Http;
import io.weir.testing.WeirServer;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.RegistriesConf;
import io.weir.testing.real.Skopeo;
import io.weir.testing.real.TestCertificate;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An upstream whose certificate no public authority has signed. */
@RealTest
class TlsUpstreamTest {

  @TempDir private Path folder;

  private final TestImage image = TestImages.oci().multiArch();

  private TestCertificate certificate;
  @AutoClose private DockerRegistry upstream;
  @AutoClose private Skopeo skopeo;

  @BeforeEach
  void start() throws IOException {
    Programs.require("docker-registry", "skopeo");
    certificate = TestCertificate.selfSigned(Files.createDirectory(folder.resolve("upstream")));
    upstream = DockerRegistry.builder().tls(certificate).start();
    upstream.push(image, "team/demo", "v1");
    skopeo = new Skopeo();
  }

  private WeirServer serve(UnaryOperator<WeirServer.Upstream> change) throws IOException {
    WeirServer weir =
        WeirServer.in(folder.resolve("data")).upstream("lab", change, upstream.uri()).start();
    skopeo.registries(RegistriesConf.empty().insecure("127.0.0.1:" + weir.port()));
    return weir;
  }

  private static String reference(WeirServer weir) {
    return "127.0.0.1:" + weir.port() + "/lab/team/demo:v1";
  }

  @Test
  void itIsTrustedByTheAuthorityInTheConfiguration() throws IOException {
    try (WeirServer weir = serve(lab -> lab.ca(certificate.certificate()))) {
      assertThat(skopeo.copyAll(reference(weir)).digests()).isEqualTo(image.digests());
      assertThat(Cost.asked(upstream))
          .containsExactlyInAnyOrderElementsOf(Cost.ofAllPlatforms("team/demo", "v1", image));
    }
  }

  @Test
  void withoutItThePullFailsAndSaysThatItIsTheCertificate() throws IOException {
    assertCertificateProblem(lab -> lab);
  }

  @Test
  void anotherAuthorityDoesNotDo() throws IOException {
    TestCertificate other =
        TestCertificate.selfSigned(Files.createDirectory(folder.resolve("other")));

    assertCertificateProblem(lab -> lab.ca(other.certificate()));
  }

  private void assertCertificateProblem(UnaryOperator<WeirServer.Upstream> change)
      throws IOException {
    try (WeirServer weir = serve(change)) {
      assertThatThrownBy(() -> skopeo.pull(reference(weir)))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("lab: certificate problem");

      Http.Answer answer = Http.get(weir.port(), "/v2/lab/team/demo/manifests/v1");
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.text()).contains("lab: certificate problem", upstream.authority());
      assertThat(upstream.requests()).isEmpty();
    }
  }
}
