package io.weir.testing.real;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.testing.real.ImageClient.Pulled;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RealTest
final class DockerRegistryTest {

  private static final String BLOBS = "/v2/.+/blobs/.+";

  @BeforeAll
  static void require() {
    Programs.require("docker-registry", "skopeo");
  }

  @Test
  void everythingPushedIsPulledWithItsDigests() {
    TestImage image = TestImages.oci().multiArch();
    try (DockerRegistry registry = DockerRegistry.started();
        Skopeo skopeo = Skopeo.trusting(registry)) {
      registry.push(image, "library/demo", "v1");

      Skopeo.Copy copy = skopeo.copyAll(registry.reference("library/demo", "v1"));

      assertThat(copy.pulled()).isEqualTo(Pulled.of(image));
      assertThat(copy.digests()).isEqualTo(image.digests());
    }
  }

  @Test
  void requestsOfClientsAreCountedAndOwnOnesAreNot() {
    TestImages images = TestImages.docker();
    TestImage image = images.image(images.layer(1000), images.layer(1000));
    try (DockerRegistry registry = DockerRegistry.started();
        Skopeo skopeo = Skopeo.trusting(registry)) {
      registry.push(image, "demo", "v1");
      assertThat(registry.requests()).isEmpty();

      skopeo.pull(registry.reference("demo", "v1"));

      assertThat(registry.count("GET", "/v2/demo/manifests/v1")).isEqualTo(1);
      assertThat(registry.count("GET", BLOBS)).isEqualTo(3);
      assertThat(registry.requests())
          .allSatisfy(request -> assertThat(request.status()).isEqualTo(200))
          .anySatisfy(request -> assertThat(request.userAgent()).startsWith("skopeo/"));

      registry.forgetRequests();
      assertThat(registry.requests()).isEmpty();
    }
  }

  @Test
  void aRestartKeepsPortAndContent() {
    TestImages images = TestImages.oci();
    TestImage image = images.image(images.layer(1000));
    try (DockerRegistry registry = DockerRegistry.started();
        Skopeo skopeo = Skopeo.trusting(registry)) {
      registry.push(image, "demo", "v1");
      String reference = registry.reference("demo", "v1");

      registry.stop();
      assertThatThrownBy(() -> skopeo.pull(reference)).hasMessageContaining("connection refused");
      registry.start();

      assertThat(skopeo.pull(reference)).isEqualTo(Pulled.of(image));
      assertThat(registry.blobFile(image.digest())).hasBinaryContent(image.manifest().bytes());
    }
  }

  @Test
  void aProxyAsksItsUpstreamForNothingThatItHasStored() {
    TestImage image = TestImages.oci().multiArch();
    try (DockerRegistry upstream = DockerRegistry.started();
        DockerRegistry proxy = DockerRegistry.builder().proxyOf(upstream.uri()).start();
        Skopeo skopeo = Skopeo.trusting(proxy)) {
      upstream.push(image, "library/demo", "v1");
      String reference = proxy.reference("library/demo", "v1");

      assertThat(skopeo.pull(reference)).isEqualTo(Pulled.of(image));
      assertThat(upstream.count("GET", BLOBS)).isGreaterThanOrEqualTo(image.blobs().size());
      assertThat(Await.until(Duration.ofSeconds(10), () -> holdsAll(proxy, image))).isTrue();
      upstream.forgetRequests();

      assertThat(skopeo.pull(reference)).isEqualTo(Pulled.of(image));
      assertThat(upstream.count("GET", BLOBS)).isZero();
    }
  }

  private static boolean holdsAll(DockerRegistry registry, TestImage image) {
    return image.digests().stream().allMatch(digest -> Files.exists(registry.blobFile(digest)));
  }

  @Test
  void anAccountIsAskedFor() {
    TestImages images = TestImages.oci();
    TestImage image = images.image(images.layer(1000));
    try (DockerRegistry registry = DockerRegistry.builder().withAccount().start();
        Skopeo skopeo = Skopeo.trusting(registry)) {
      registry.push(image, "demo", "v1");
      String reference = "docker://" + registry.reference("demo", "v1");
      String account = DockerRegistry.USER + ":" + DockerRegistry.PASSWORD;

      Command.Outcome anonymous = skopeo.command("inspect", "--raw", reference).run();
      Command.Outcome known =
          skopeo.command("inspect", "--raw", "--creds", account, reference).run();

      assertThat(anonymous.ok()).isFalse();
      assertThat(anonymous.errors()).contains("authentication required");
      assertThat(known.orFail().output()).isEqualTo(new String(image.manifest().bytes(), UTF_8));
    }
  }

  @Test
  void aCertificateIsServed(@TempDir Path folder) {
    TestImages images = TestImages.oci();
    TestImage image = images.image(images.layer(1000));
    TestCertificate certificate = TestCertificate.selfSigned(folder);
    try (DockerRegistry registry = DockerRegistry.builder().tls(certificate).start();
        Skopeo skopeo = new Skopeo()) {
      registry.push(image, "demo", "v1");
      String reference = "docker://" + registry.reference("demo", "v1");

      Command.Outcome unknown = skopeo.command("inspect", "--raw", reference).run();
      Command.Outcome known =
          skopeo
              .command("inspect", "--raw", reference)
              .withVariable("SSL_CERT_FILE", certificate.certificate().toString())
              .run();

      assertThat(unknown.errors()).contains("certificate signed by unknown authority");
      assertThat(known.orFail().output()).isEqualTo(new String(image.manifest().bytes(), UTF_8));
      assertThat(registry.count("GET", "/v2/demo/manifests/v1")).isEqualTo(1);
    }
  }

  @Test
  void aBigLayerIsStreamed(@TempDir Path folder) {
    TestImages images = TestImages.oci();
    TestImage image = images.image(images.bigLayer(folder.resolve("layer"), 256L << 20));
    try (DockerRegistry registry = DockerRegistry.started()) {
      registry.push(image, "big", "v1");

      assertThat(registry.blobFile(image.layers().getFirst().digest()))
          .hasSize(image.layers().getFirst().sizeBytes());
    }
  }
}
