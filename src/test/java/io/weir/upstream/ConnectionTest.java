package io.weir.upstream;

import static io.weir.upstream.Harness.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.net.OpenSSLEngineOptions;
import io.weir.config.UpstreamConfig.Tls;
import io.weir.oci.Tag;
import io.weir.testing.ForwardProxy;
import io.weir.testing.LogLines;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.TestCertificates;
import io.weir.upstream.UpstreamException.Kind;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS and proxies. */
class ConnectionTest {

  private static final Tag TAG = Tag.parse("1");

  @TempDir static Path folder;

  private static TestCertificates certificates;
  private static SSLContext server;

  private ScriptedUpstream registry;
  private Harness harness;

  @BeforeAll
  static void certify() throws Exception {
    certificates = TestCertificates.create(folder, "registry", "ip:127.0.0.1,dns:registry.test");
    server = certificates.server();
  }

  @BeforeEach
  void start() throws Exception {
    registry = ScriptedUpstream.start(server);
    registry.image("library/app", "1", new byte[1000]);
    harness = new Harness(registry);
  }

  @AfterEach
  void close() {
    harness.close();
    registry.close();
  }

  private RemoteManifest pull() {
    return harness.open().getManifest(REPOSITORY, TAG);
  }

  private Tls trusting(Path ca) {
    return new Tls(ca, null, null, false);
  }

  @Test
  void theCertificatesThatAreNamedAreTrusted() {
    harness.tls = trusting(certificates.certificate());
    assertThat(pull().content()).isNotEmpty();
  }

  @Test
  void noOthersAre() throws Exception {
    assertThatThrownBy(this::pull)
        .hasMessage(
            "scripted: certificate problem: its certificate is not trusted, or is not for this"
                + " host (127.0.0.1:"
                + registry.port()
                + ")")
        .extracting("kind")
        .isEqualTo(Kind.UNAVAILABLE);
    harness.tls = trusting(TestCertificates.create(folder, "other", "ip:127.0.0.1").certificate());
    assertThatThrownBy(this::pull).hasMessageContaining("certificate problem");
    assertThat(harness.pauses).isEmpty();
  }

  @Test
  void aCertificateIsForItsHostOnly() throws Exception {
    TestCertificates stranger = TestCertificates.create(folder, "stranger", "dns:elsewhere.test");
    try (ScriptedUpstream other = ScriptedUpstream.start(stranger.server())) {
      harness.urls = List.of(other.url());
      harness.tls = trusting(stranger.certificate());
      assertThatThrownBy(this::pull).hasMessageContaining("certificate problem");
    }
  }

  @Test
  void anyCertificateIsTakenWhereThatIsWanted() {
    harness.tls = new Tls(null, null, null, true);
    assertThat(pull().content()).isNotEmpty();
  }

  @Test
  void aMissingCertificateFileIsTheReason() {
    harness.tls = trusting(folder.resolve("absent.crt"));
    assertThatThrownBy(this::pull)
        .hasMessageContaining("scripted: its TLS files cannot be used")
        .extracting("kind")
        .isEqualTo(Kind.UNAVAILABLE);
  }

  @Test
  void aClientCertificateIsShown() {
    registry.requireClientCertificate();
    harness.tls = trusting(certificates.certificate());
    assertThatThrownBy(this::pull).isInstanceOf(UpstreamException.class);

    harness.tls =
        new Tls(certificates.certificate(), certificates.certificate(), certificates.key(), false);
    assertThat(pull().content()).isNotEmpty();
  }

  @Test
  void changedFilesAreForNewConnectionsAndBrokenOnesForNone() throws Exception {
    Path other = TestCertificates.create(folder, "another", "ip:127.0.0.1").certificate();
    Path ca = Files.copy(certificates.certificate(), folder.resolve("ca.crt"));
    harness.tls = trusting(ca);
    try (LogLines log = new LogLines("io.weir.upstream")) {
      Upstream upstream = harness.open();
      assertThat(upstream.getManifest(REPOSITORY, TAG).content()).isNotEmpty();

      Files.writeString(ca, "nothing");
      look();
      assertThat(log.take())
          .containsExactly(
              "WARN scripted: its TLS files stay as they were: ca: %s holds no certificate in PEM"
                  .formatted(ca));
      assertThat(upstream.getManifest(REPOSITORY, TAG).content()).isNotEmpty();

      Files.copy(other, ca, StandardCopyOption.REPLACE_EXISTING);
      look();
      assertThat(log.take())
          .containsExactly("INFO scripted: new connections are by its changed TLS files");
      assertThatThrownBy(() -> upstream.getManifest(REPOSITORY, TAG))
          .hasMessageContaining("certificate problem");

      Files.copy(certificates.certificate(), ca, StandardCopyOption.REPLACE_EXISTING);
      look();
      harness.clock.advance(Duration.ofMinutes(1)); // so that it is asked again
      assertThat(upstream.getManifest(REPOSITORY, TAG).content()).isNotEmpty();
    }
  }

  @Test
  void aClientKeyThatIsNotItsCertificatesIsNotTaken() throws Exception {
    registry.requireClientCertificate();
    Path key = Files.copy(certificates.key(), folder.resolve("client.key"));
    harness.tls = new Tls(certificates.certificate(), certificates.certificate(), key, false);
    try (LogLines log = new LogLines("io.weir.upstream")) {
      Upstream upstream = harness.open();
      assertThat(upstream.getManifest(REPOSITORY, TAG).content()).isNotEmpty();

      Path other = TestCertificates.create(folder, "keeper", "ip:127.0.0.1").key();
      Files.copy(other, key, StandardCopyOption.REPLACE_EXISTING);
      look();
      assertThat(log.take())
          .containsExactly(
              "WARN scripted: its TLS files stay as they were: client-key: %s is not the key of the"
                      .formatted(key)
                  + " first certificate in "
                  + certificates.certificate());
      assertThat(upstream.getManifest(REPOSITORY, TAG).content()).isNotEmpty();
    }
  }

  private void look() {
    harness.watch.look();
    harness.watch.look();
  }

  @Test
  void plainHttpWhereTlsIsExpectedSaysSo() {
    harness.urls = List.of(URI.create("http://127.0.0.1:" + registry.port()));
    assertThatThrownBy(this::pull)
        .isInstanceOf(UpstreamException.class)
        .extracting("kind")
        .isEqualTo(Kind.UNAVAILABLE);
  }

  @Test
  void fromHttpsNothingLeadsToHttp() {
    try (ScriptedUpstream plain = ScriptedUpstream.start()) {
      registry.on("GET", "/v2/.*").redirectTo(plain.url("/x").toString());
      harness.tls = trusting(certificates.certificate());
      assertThatThrownBy(this::pull)
          .hasMessage("scripted: a redirect from https to http, to 127.0.0.1:" + plain.port());
      assertThat(plain.requests()).isEmpty();
    }
  }

  /** A name and a password never go over the wire in clear because a registry says so. */
  @Test
  void aPlainTokenServiceOfAnEncryptedRegistryIsNotShownThePassword() {
    try (ScriptedUpstream plain = ScriptedUpstream.start()) {
      plain.auth().bearer();
      registry.auth().bearer().realm(plain.url("/token").toString()).accept("token-1");
      harness.tls = trusting(certificates.certificate());
      harness.login("me", "secret");
      pull();
      assertThat(plain.requests().getFirst().headers()).doesNotContainKey("authorization");
    }
  }

  @Test
  void theNativeTlsEngineIsThere() {
    assertThat(OpenSSLEngineOptions.isAvailable()).isTrue();
  }

  @Test
  void anEncryptedRegistryIsReachedThroughATunnel() {
    try (ForwardProxy proxy = new ForwardProxy(registry.port())) {
      harness.urls = List.of(URI.create("https://registry.test:8443"));
      harness.tls = trusting(certificates.certificate());
      harness.environment.put(
          "HTTPS_PROXY", proxy.url().toString().replace("//", "//user:p%40ss@"));
      assertThat(pull().content()).isNotEmpty();
      assertThat(proxy.heads()).hasSize(1);
      assertThat(proxy.heads().getFirst().toLowerCase(Locale.ROOT))
          .startsWith("connect registry.test:8443 http/1.1")
          .contains("proxy-authorization: basic dxnlcjpwqhnz");
    }
  }

  @Test
  void aPlainRegistryIsReachedByItsWholeUrl() {
    try (ScriptedUpstream plain = ScriptedUpstream.start();
        ForwardProxy proxy = new ForwardProxy(plain.port())) {
      plain.image("library/app", "1", new byte[1000]);
      harness.urls = List.of(URI.create("http://registry.test"));
      harness.proxy = Optional.of(proxy.url());
      assertThat(pull().content()).isNotEmpty();
      assertThat(proxy.heads().getFirst())
          .startsWith("GET http://registry.test/v2/library/app/manifests/1 HTTP/1.1");
    }
  }

  @Test
  void aProxyThatIsNotThereIsTheReason() {
    ForwardProxy proxy = new ForwardProxy(registry.port());
    proxy.close();
    harness.proxy = Optional.of(proxy.url());
    assertThatThrownBy(this::pull)
        .isInstanceOf(UpstreamException.class)
        .hasMessage(
            "scripted: connection refused (127.0.0.1:%d by the proxy 127.0.0.1:%d)"
                .formatted(registry.port(), proxy.url().getPort()))
        .extracting("kind")
        .isEqualTo(Kind.UNAVAILABLE);
  }
}
