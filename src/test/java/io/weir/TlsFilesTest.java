package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.config.Config;
import io.weir.config.ConfigException;
import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.LogLines;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.TestAuthority;
import io.weir.testing.WeirServer;
import io.weir.tls.CertificateFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Certificates that change while the server runs, and nobody sends a signal. */
@Timeout(120)
class TlsFilesTest {

  private static final int MIB = 1 << 20;
  private static final String LOOPBACK = "127.0.0.1";

  @TempDir private Path folder;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final LogLines log = new LogLines("io.weir.registry");
  private TestAuthority authority;
  private CertificateFiles.Content first;
  @AutoClose private WeirServer weir;

  @BeforeEach
  void start() throws IOException {
    authority = new TestAuthority(folder.resolve("tls"));
    first = authority.serve(LOOPBACK);
    weir = builder(authority.config()).start();
    log.take();
  }

  private WeirServer.Builder builder(Config.Tls tls) {
    return WeirServer.in(folder.resolve("data"))
        .tls(tls)
        .preferHttp2()
        .timeouts(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(30))
        .upstream("hub", upstream.url());
  }

  private void look() {
    weir.weir().watch().look();
    weir.weir().watch().look();
  }

  /** What a connection that comes now is shown. */
  private X509Certificate shown() throws Exception {
    try (SSLSocket socket =
        (SSLSocket)
            authority
                .trusting()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), weir.port())) {
      socket.startHandshake();
      Certificate[] chain = socket.getSession().getPeerCertificates();
      return (X509Certificate) chain[0];
    }
  }

  private HttpRequest get(String path) {
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + weir.port() + path)).build();
  }

  /** The files change while all fifty wait for the second half of a blob that is still arriving. */
  @ParameterizedTest
  @EnumSource
  void fiftyTransfersGoOnWhileNewConnectionsGetTheNewOne(Version version) throws Exception {
    Digest digest = upstream.putRandomBlob(4 * MIB, 1);
    CountDownLatch goOn = new CountDownLatch(1);
    upstream.on("GET", ".*/blobs/.*").stallAfter(2 * MIB, goOn);
    String path = "/v2/hub/team/app/blobs/" + digest;
    List<HttpClient> clients = new ArrayList<>();
    List<HttpResponse<InputStream>> transfers = new ArrayList<>();
    try {
      for (int i = 0; i < 50; i++) {
        HttpClient client =
            HttpClient.newBuilder().version(version).sslContext(authority.trusting()).build();
        clients.add(client);
        transfers.add(client.send(get(path), BodyHandlers.ofInputStream()));
        assertThat(transfers.getLast().version()).isEqualTo(version);
      }
      CertificateFiles.Content second = authority.serve(LOOPBACK);
      look();

      assertThat(shown()).isEqualTo(second.own()).isNotEqualTo(first.own());
      goOn.countDown();
      for (HttpResponse<InputStream> transfer : transfers) {
        try (InputStream body = transfer.body()) {
          assertThat(digest.algorithm().of(body.readAllBytes())).isEqualTo(digest);
        }
      }
    } finally {
      clients.forEach(HttpClient::close);
    }
  }

  @Test
  void aChangeIsNoticedWithoutASignal() throws Exception {
    CertificateFiles.Content second = authority.serve(LOOPBACK);
    Instant end = Instant.now().plusSeconds(30);
    while (!shown().equals(second.own()) && Instant.now().isBefore(end)) {
      Thread.onSpinWait();
    }
    assertThat(shown()).isEqualTo(second.own());
  }

  @Test
  void aNewFolderBehindALinkIsNoticedAsKubernetesMakesIt() throws Exception {
    Path secret = Files.createDirectory(folder.resolve("secret"));
    Path old = copied(secret.resolve("..2026_01"));
    Path data = Files.createSymbolicLink(secret.resolve("..data"), old.getFileName());
    for (String name : List.of("tls.crt", "tls.key")) {
      Files.createSymbolicLink(secret.resolve(name), Path.of("..data", name));
    }
    weir.reload(
        builder(
            new Config.Tls(
                secret.resolve("tls.crt"), secret.resolve("tls.key"), Optional.empty())));
    assertThat(shown()).isEqualTo(first.own());

    CertificateFiles.Content second = authority.serve(LOOPBACK);
    Path fresh = copied(secret.resolve("..2026_02"));
    Path next = Files.createSymbolicLink(secret.resolve("..data_tmp"), fresh.getFileName());
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
    look();

    assertThat(shown()).isEqualTo(second.own());
  }

  private Path copied(Path target) throws IOException {
    Files.createDirectory(target);
    Files.copy(authority.files().certificate(), target.resolve("tls.crt"));
    Files.copy(authority.files().key(), target.resolve("tls.key"));
    return target;
  }

  @Test
  void theKeyOfAnotherIsRefusedUntilItsCertificateComes() throws Exception {
    CertificateFiles.Content second = authority.server(Instant.now(), LOOPBACK);
    CertificateFiles apart =
        new CertificateFiles(folder.resolve("apart.crt"), authority.files().key());
    apart.write(second);
    look();

    assertThat(log.take())
        .containsExactly(
            "WARN the certificates stay as they were: registry.tls.key: %s is not the key of the"
                    .formatted(authority.files().key())
                + " first certificate in "
                + authority.files().certificate());
    assertThat(shown()).isEqualTo(first.own());

    authority.files().writeCertificate(second.chain());
    look();
    assertThat(shown()).isEqualTo(second.own());
  }

  @Test
  void anExpiredOneIsRefused() throws Exception {
    authority.written(authority.expired(LOOPBACK));
    look();

    assertThat(log.take())
        .singleElement()
        .asString()
        .startsWith(
            "WARN the certificates stay as they were: registry.tls.cert: the certificate in ")
        .contains(authority.files().certificate() + " expired on 20");
    assertThat(shown()).isEqualTo(first.own());
  }

  @Test
  void oneOfTheFutureIsRefusedAndSaidOnce() throws Exception {
    authority.written(authority.server(Instant.now().plus(9, ChronoUnit.DAYS), LOOPBACK));
    look();
    look();

    assertThat(log.take()).singleElement().asString().contains(" is not valid before 20");
    assertThat(shown()).isEqualTo(first.own());
  }

  @Test
  void aFileThatIsGoneOrBrokenIsRefused() throws Exception {
    Path certificate = authority.files().certificate();
    Files.delete(certificate);
    look();
    assertThat(log.take())
        .containsExactly(
            "WARN the certificates stay as they were: registry.tls.cert: %s does not exist"
                .formatted(certificate));

    Files.writeString(certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----");
    look();
    assertThat(log.take()).singleElement().asString().contains("holds a broken certificate");
    assertThat(shown()).isEqualTo(first.own());
  }

  @Test
  void whoMayComeInChangesToo() throws Exception {
    TestAuthority others = new TestAuthority(folder.resolve("others"));
    Path clients = Files.copy(others.certificate(), folder.resolve("clients.crt"));
    weir.reload(
        builder(
            new Config.Tls(
                authority.files().certificate(), authority.files().key(), Optional.of(clients))));
    assertThat(mayComeIn(others.client("node-1"))).isTrue();
    assertThat(mayComeIn(authority.client("node-1"))).isFalse();

    Files.copy(authority.certificate(), clients, StandardCopyOption.REPLACE_EXISTING);
    look();
    assertThat(mayComeIn(others.client("node-1"))).isFalse();
    assertThat(mayComeIn(authority.client("node-1"))).isTrue();
  }

  private boolean mayComeIn(CertificateFiles.Content client) throws Exception {
    try (HttpClient http = HttpClient.newBuilder().sslContext(authority.showing(client)).build()) {
      return http.send(get("/v2/"), BodyHandlers.ofString()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** What runs with an expired certificate has to take other changes, and nothing worse. */
  @Test
  void anExpiredOneIsTakenAtTheStartAndReplacedByNoOther() throws Exception {
    authority.written(authority.expired(LOOPBACK));
    try (WeirServer late =
        WeirServer.in(folder.resolve("late"))
            .tls(authority.config())
            .upstream("hub", upstream.url())
            .start()) {
      assertThat(log.take()).contains("ERROR registry.tls.cert: a certificate has expired");
      WeirServer.Builder same =
          WeirServer.in(folder.resolve("late"))
              .tls(authority.config())
              .upstream("quay", upstream.url());
      assertThat(late.reload(same)).isEmpty();

      authority.written(authority.expired(LOOPBACK));
      assertThatThrownBy(() -> late.reload(same))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("expired on");
    }
  }

  @Test
  void namesThatTheCertificateIsNotForAreSaid() throws Exception {
    authority.serve(LOOPBACK, "*.example.net");
    weir.reload(
        WeirServer.in(folder.resolve("data"))
            .tls(authority.config())
            .upstream("hub", hub -> hub.host("hub.example.net"), upstream.url())
            .upstream("quay", quay -> quay.host("a.quay.example.net"), upstream.url()));

    assertThat(log.take())
        .filteredOn(line -> line.startsWith("WARN upstreams."))
        .containsExactly(
            "WARN upstreams.quay.hosts: the certificate in %s is not for a.quay.example.net, so"
                    .formatted(authority.files().certificate())
                + " clients will refuse it");
  }

  @Test
  void whenItEndsIsInTheMetrics() throws Exception {
    String metric = "weir_certificate_expiry_timestamp_seconds{certificate=\"server\"} ";
    assertThat(metrics()).contains(metric + text(first));

    CertificateFiles.Content second =
        authority.written(authority.server(Instant.now().plusSeconds(1800), LOOPBACK));
    look();
    assertThat(metrics()).contains(metric + text(second)).doesNotContain(metric + text(first));

    weir.reload(WeirServer.in(folder.resolve("data")).upstream("hub", upstream.url()));
    assertThat(metrics()).doesNotContain(metric);
  }

  @Test
  void whenItEndsIsInTheStatus() throws Exception {
    assertThat(Http.get(weir.adminPort(), "/api/v1/status").text())
        .contains("\"certificateExpires\":\"%s\"".formatted(first.own().getNotAfter().toInstant()));
  }

  private String metrics() throws IOException {
    return Http.get(weir.adminPort(), "/metrics").text();
  }

  /** As the exposition format writes it: a double. */
  private static String text(CertificateFiles.Content content) {
    return Double.toString((double) content.own().getNotAfter().toInstant().getEpochSecond());
  }
}
