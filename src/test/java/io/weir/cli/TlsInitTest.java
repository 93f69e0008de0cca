package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Command;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.Skopeo;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import io.weir.tls.CaFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code weir tls init} makes, in the hands of OpenSSL, curl and skopeo. */
@RealTest
class TlsInitTest {

  @TempDir private Path folder;

  private final TestImage image = TestImages.oci().multiArch();
  private CaFolder made;
  @AutoClose private DockerRegistry hub;
  @AutoClose private WeirServer weir;

  @BeforeEach
  void start() throws IOException {
    Programs.require("docker-registry", "openssl", "skopeo", "curl");
    made = new CaFolder(folder.resolve("tls"));
    run(
        "tls",
        "init",
        "--output",
        made.path().toString(),
        "--host",
        "*.mirror.test",
        "--host",
        "127.0.0.1",
        "--client",
        "node-1");
    hub = DockerRegistry.started();
    hub.push(image, "library/demo", "v1");
    weir = builder().preferHttp2().start();
  }

  private void run(String... arguments) {
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(
            new BufferedReader(new StringReader("")),
            new PrintWriter(new StringWriter()),
            new PrintWriter(err, true),
            Map.of(),
            false,
            InstantSource.system());
    assertThat(Main.run(terminal, arguments)).as("%s", err).isZero();
  }

  private WeirServer.Builder builder() {
    return WeirServer.in(folder.resolve("data"))
        .tls(
            new Config.Tls(
                made.server().certificate(),
                made.server().key(),
                Optional.of(made.authority().certificate())))
        .timeouts(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(30))
        .upstream("docker.io", docker -> docker.host("docker.mirror.test"), hub.uri())
        .upstream("other", hub.uri());
  }

  @ParameterizedTest
  @CsvSource({"tls.crt, sslserver", "client-node-1.crt, sslclient"})
  void openSslVerifiesThemStrictly(String file, String purpose) {
    Command.of("openssl", "verify", "-x509_strict", "-purpose", purpose)
        .with("-CAfile", made.authority().certificate().toString())
        .with(made.path().resolve(file).toString())
        .run()
        .orFail();
  }

  @Test
  void openSslTakesTheServersForNoClients() {
    assertThat(
            Command.of("openssl", "verify", "-purpose", "sslclient")
                .with("-CAfile", made.authority().certificate().toString())
                .with(made.server().certificate().toString())
                .run()
                .ok())
        .isFalse();
  }

  /** As podman and CRI-O have it below certs.d. */
  private Path certificatesOfSkopeo() throws IOException {
    Path trusted = Files.createDirectory(folder.resolve("certs.d"));
    Files.copy(made.authority().certificate(), trusted.resolve("ca.crt"));
    Files.copy(made.client("node-1").certificate(), trusted.resolve("client.cert"));
    Files.copy(made.client("node-1").key(), trusted.resolve("client.key"));
    return trusted;
  }

  @Test
  void skopeoPullsWithItsOwnCertificateAlsoAfterARenewal() throws IOException {
    Path trusted = certificatesOfSkopeo();
    String reference = "docker://127.0.0.1:" + weir.port() + "/docker.io/library/demo:v1";
    try (Skopeo skopeo = new Skopeo()) {
      Command inspect = skopeo.command("inspect", "--raw", "--cert-dir", trusted.toString());
      assertThat(inspect.with(reference).run().orFail().output())
          .contains(image.manifest().mediaType().toString());

      run("tls", "renew", "--new-key", "--output", made.path().toString());
      weir.weir().watch().look();
      weir.weir().watch().look();
      inspect.with(reference).run().orFail();

      Files.delete(trusted.resolve("client.cert"));
      Files.delete(trusted.resolve("client.key"));
      assertThat(inspect.with(reference).run().ok()).isFalse();
    }
  }

  /** One certificate for many names: the name that a client asks for decides about the upstream. */
  @ParameterizedTest
  @ValueSource(strings = {"--http1.1", "--http2"})
  void aHostNameMeansItsUpstreamInTls(String option) {
    String host = "docker.mirror.test";
    String url = "https://%s:%d/v2/library/demo/manifests/v1".formatted(host, weir.port());
    Command curl =
        Command.of("curl", "--silent", "--fail", "--noproxy", "*", option)
            .with("--cacert", made.authority().certificate().toString())
            .with("--cert", made.client("node-1").certificate().toString())
            .with("--key", made.client("node-1").key().toString())
            .with("--resolve", "*:%d:127.0.0.1".formatted(weir.port()))
            .with("--write-out", "%{http_version} %{size_download}", "--output", "/dev/null");
    String version = option.equals("--http1.1") ? "1.1" : "2";
    assertThat(curl.with(url).run().orFail().output())
        .isEqualTo(version + " " + image.manifest().sizeBytes());

    // No upstream of its own and no default one; and no name of the certificate.
    assertThat(curl.with(url.replace(host, "quay.mirror.test")).run().exitCode()).isEqualTo(22);
    assertThat(curl.with(url.replace(host, "a.b.mirror.test")).run().exitCode()).isEqualTo(60);
  }
}
