package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.config.Config;
import io.weir.config.ConfigException;
import io.weir.config.Size;
import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.TestCertificates;
import io.weir.testing.WeirProcess;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Command;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Pulls in TLS, by HTTP/1.1 and HTTP/2. */
@Timeout(120)
class TlsTest {

  private static final int MIB = 1 << 20;
  private static final String BLOBS = ".*/blobs/.*";
  private static final String LOCALHOST = "ip:127.0.0.1";

  private static TestCertificates certificates;
  private static TestCertificates others;
  private static TestCertificates strangers;

  @TempDir private Path folder;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  @AutoClose private WeirServer weir;

  @BeforeAll
  static void makeCertificates(@TempDir Path folder) throws Exception {
    certificates = TestCertificates.create(folder, "weir", LOCALHOST);
    others = TestCertificates.create(folder, "others", LOCALHOST);
    strangers = TestCertificates.create(folder, "strangers", LOCALHOST);
  }

  @BeforeEach
  void start() throws IOException {
    weir = preferringHttp2().start();
  }

  /** The JDK's client always offers both protocols, so the server has to choose. */
  private WeirServer.Builder preferringHttp2() {
    return builder(tls(certificates)).preferHttp2();
  }

  private WeirServer.Builder builder(Config.Tls tls) {
    return WeirServer.in(folder.resolve("data"))
        .tls(tls)
        .timeouts(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(30))
        .upstream("hub", upstream.url());
  }

  private static Config.Tls tls(TestCertificates certificates) {
    return new Config.Tls(certificates.certificate(), certificates.key(), Optional.empty());
  }

  private HttpClient client(Version version) throws Exception {
    return client(version, certificates.trusting());
  }

  private static HttpClient client(Version version, SSLContext context) {
    return HttpClient.newBuilder().version(version).sslContext(context).build();
  }

  private HttpRequest get(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + weir.port() + path));
    return (headers.length == 0 ? request : request.headers(headers)).build();
  }

  private static String blob(Digest digest) {
    return "/v2/hub/team/app/blobs/" + digest;
  }

  private static Digest hash(HttpResponse<byte[]> answer) {
    return Digest.Algorithm.SHA256.of(answer.body());
  }

  private static String cacheStatus(HttpResponse<?> answer) {
    return answer.headers().firstValue("Cache-Status").orElse("");
  }

  @ParameterizedTest
  @EnumSource
  void anImageIsPulledColdAndStored(Version version) throws Exception {
    byte[] layer = new byte[3 * MIB + 17];
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", layer);
    try (HttpClient client = client(version)) {
      for (int pull = 0; pull < 2; pull++) {
        HttpResponse<byte[]> manifest =
            client.send(get("/v2/hub/team/app/manifests/v1"), BodyHandlers.ofByteArray());
        assertThat(manifest.version()).isEqualTo(version);
        assertThat(manifest.statusCode()).isEqualTo(200);
        assertThat(manifest.body()).isEqualTo(image.manifest());
        assertThat(manifest.headers().firstValue("Docker-Content-Digest"))
            .hasValue(image.digest().toString());

        HttpResponse<byte[]> blob =
            client.send(get(blob(image.layers().getFirst())), BodyHandlers.ofByteArray());
        assertThat(blob.statusCode()).isEqualTo(200);
        assertThat(blob.headers().firstValueAsLong("Content-Length")).hasValue(layer.length);
        assertThat(blob.body()).isEqualTo(layer);
      }
      assertThat(upstream.count("GET", BLOBS)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void partsAreServedColdAndStored(Version version) throws Exception {
    Digest digest = upstream.putRandomBlob(2 * MIB, 1);
    byte[] expected = upstream.bytes(digest, 100_000, 200_000);
    try (HttpClient client = client(version)) {
      for (int pull = 0; pull < 2; pull++) {
        HttpResponse<byte[]> part =
            client.send(
                get(blob(digest), "Range", "bytes=100000-299999"), BodyHandlers.ofByteArray());
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(expected);
        client.send(get(blob(digest)), BodyHandlers.discarding());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void headAndAnUnknownManifestHaveNoBodyAndAReason(Version version) throws Exception {
    Digest digest = upstream.putRandomBlob(MIB, 1);
    try (HttpClient client = client(version)) {
      HttpRequest head = HttpRequest.newBuilder(get(blob(digest)), (_, _) -> true).HEAD().build();
      HttpResponse<byte[]> answer = client.send(head, BodyHandlers.ofByteArray());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(MIB);
      assertThat(answer.body()).isEmpty();

      HttpResponse<String> unknown =
          client.send(get("/v2/hub/team/app/manifests/nowhere"), BodyHandlers.ofString());
      assertThat(unknown.statusCode()).isEqualTo(404);
      assertThat(unknown.body()).contains("MANIFEST_UNKNOWN");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStampedeCostsUpstreamOneRequest(Version version) throws Exception {
    Digest digest = upstream.putRandomBlob(8 * MIB, 1);
    try (HttpClient client = client(version)) {
      List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        answers.add(client.sendAsync(get(blob(digest)), BodyHandlers.ofByteArray()));
      }
      for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
        assertThat(hash(answer.get())).isEqualTo(digest);
      }
    }
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void aBlobIsReadWhileItArrives(Version version) throws Exception {
    Digest digest = upstream.putRandomBlob(4 * MIB, 1);
    CountDownLatch goOn = new CountDownLatch(1);
    upstream.on("GET", BLOBS).stallAfter(2 * MIB, goOn);
    try (HttpClient client = client(version)) {
      HttpResponse<InputStream> answer =
          client.send(get(blob(digest)), BodyHandlers.ofInputStream());
      byte[] first = answer.body().readNBytes(MIB);
      assertThat(first).isEqualTo(upstream.bytes(digest, 0, MIB));
      goOn.countDown();
      assertThat(answer.body().readAllBytes()).isEqualTo(upstream.bytes(digest, MIB, 3 * MIB));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBlobWithoutALengthIsServedToo(Version version) throws Exception {
    Digest digest = upstream.putRandomBlob(MIB, 1);
    upstream.on("GET", BLOBS).noContentLength();
    try (HttpClient client = client(version)) {
      assertThat(hash(client.send(get(blob(digest)), BodyHandlers.ofByteArray())))
          .isEqualTo(digest);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatTheStoreHasNoRoomForPassesThrough(Version version) throws Exception {
    Digest digest = upstream.putRandomBlob(4 * MIB, 1);
    Digest wrong = upstream.putRandomBlob(4 * MIB, 2);
    upstream.on("GET", blob(wrong).replace("/hub", "")).corruptByteAt(MIB);
    weir.reload(preferringHttp2().limits(new Size.Bytes(MIB), new Size.Bytes(0)));
    try (HttpClient client = client(version)) {
      HttpResponse<byte[]> answer = client.send(get(blob(digest)), BodyHandlers.ofByteArray());
      assertThat(cacheStatus(answer)).contains("detail=");
      assertThat(hash(answer)).isEqualTo(digest);
      assertThatThrownBy(() -> client.send(get(blob(wrong)), BodyHandlers.ofByteArray()))
          .isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void wrongBytesNeverEndWell(Version version) throws Exception {
    Digest digest = upstream.putRandomBlob(2 * MIB, 1);
    upstream.on("GET", BLOBS).corruptByteAt(MIB);
    assertBreaks(version, digest);
  }

  @ParameterizedTest
  @EnumSource
  void wrongBytesWithoutALengthNeverEndWell(Version version) throws Exception {
    Digest digest = upstream.putRandomBlob(2 * MIB, 1);
    upstream.on("GET", BLOBS).corruptByteAt(MIB).noContentLength();
    assertBreaks(version, digest);
  }

  private void assertBreaks(Version version, Digest digest) throws Exception {
    try (HttpClient client = client(version)) {
      HttpResponse<InputStream> answer =
          client.send(get(blob(digest)), BodyHandlers.ofInputStream());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> answer.body().readAllBytes()).isInstanceOf(IOException.class);

      upstream.behave();
      assertThat(hash(client.send(get(blob(digest)), BodyHandlers.ofByteArray())))
          .isEqualTo(digest);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'h2,http/1.1', false, http/1.1",
    "'h2,http/1.1', true, h2",
    "h2, false, h2",
    "http/1.1, true, http/1.1",
    "other, true, ''",
    "'', true, ''",
  })
  void theProtocolIsChosenByTheServerAmongWhatTheClientOffers(
      String offered, boolean prefersHttp2, String chosen) throws Exception {
    WeirServer.Builder choice = builder(tls(certificates));
    weir.reload(prefersHttp2 ? choice.preferHttp2() : choice);
    try (SSLSocket socket = connect(certificates)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(offered.isEmpty() ? new String[0] : offered.split(","));
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      assertThat(socket.getApplicationProtocol()).isEqualTo(chosen);
    }
  }

  private SSLSocket connect(TestCertificates trusted) throws Exception {
    return (SSLSocket)
        trusted
            .trusting()
            .getSocketFactory()
            .createSocket(InetAddress.getLoopbackAddress(), weir.port());
  }

  @ParameterizedTest
  @CsvSource({"TLSv1.3, true", "TLSv1.2, true", "TLSv1.1, false"})
  void onlySoundVersionsOfTlsAreSpoken(String version, boolean isSpoken) throws Exception {
    try (SSLSocket socket = connect(certificates)) {
      socket.setEnabledProtocols(new String[] {version});
      if (isSpoken) {
        socket.startHandshake();
        assertThat(socket.getSession().getProtocol()).isEqualTo(version);
      } else {
        assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void whoSpeaksHttpIsToldThatThisIsHttps() throws IOException {
    Http.Answer answer = Http.get(weir.port(), "/v2/");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("HTTPS");
  }

  @Test
  void whoHangsUpInTheHandshakeHurtsNobody() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), weir.port())) {
      socket.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1, 2, 3});
    }
    try (HttpClient client = client(Version.HTTP_2)) {
      assertThat(client.send(get("/v2/"), BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void withAClientCaOnlyItsClientsAreLetIn() throws Exception {
    weir.reload(
        builder(
            new Config.Tls(
                certificates.certificate(),
                certificates.key(),
                Optional.of(others.certificate()))));

    try (HttpClient client = client(Version.HTTP_2, others.client(certificates))) {
      assertThat(client.send(get("/v2/"), BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
    for (SSLContext refused : List.of(certificates.trusting(), strangers.client(certificates))) {
      try (HttpClient client = client(Version.HTTP_2, refused)) {
        assertThatThrownBy(() -> client.send(get("/v2/"), BodyHandlers.ofString()))
            .isInstanceOf(IOException.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void newCertificatesAreForNewConnectionsAndTransfersGoOn(Version version) throws Exception {
    Digest digest = upstream.putRandomBlob(8 * MIB, 1);
    CountDownLatch goOn = new CountDownLatch(1);
    upstream.on("GET", BLOBS).stallAfter(4 * MIB, goOn);
    try (HttpClient old = client(version);
        HttpClient fresh = client(version, others.trusting())) {
      HttpResponse<InputStream> transfer =
          old.send(get(blob(digest)), BodyHandlers.ofInputStream());

      assertThat(weir.reload(builder(tls(others)).preferHttp2())).isEmpty();

      assertThat(fresh.send(get("/v2/"), BodyHandlers.ofString()).statusCode()).isEqualTo(200);
      goOn.countDown();
      assertThat(Digest.Algorithm.SHA256.of(transfer.body().readAllBytes())).isEqualTo(digest);
    }
  }

  @Test
  void filesThatCannotBeUsedChangeNothing() throws Exception {
    Path broken = Files.writeString(folder.resolve("broken.crt"), "no certificate");
    WeirServer.Builder next =
        WeirServer.in(folder.resolve("data"))
            .tls(new Config.Tls(broken, certificates.key(), Optional.empty()))
            .upstream("other", upstream.url());

    assertThatThrownBy(() -> weir.reload(next))
        .isInstanceOf(ConfigException.class)
        .hasMessage("registry.tls.cert: %s holds no certificate in PEM", broken);

    upstream.image("team/app", "v1", new byte[] {1});
    try (HttpClient client = client(Version.HTTP_2)) {
      HttpResponse<String> answer =
          client.send(get("/v2/hub/team/app/manifests/v1"), BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
    }
  }

  @Test
  void filesThatCannotBeUsedAreRefusedAtTheStart() throws Exception {
    Command.Outcome refused =
        WeirProcess.builder()
            .shortLived()
            .config(
                "registry: {tls: {cert: %s, key: %s}}%n"
                    .formatted(certificates.certificate(), others.key()))
            .run();

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.errors())
        .isEqualTo(
            "weir: registry.tls.key: %s is not the key of the first certificate in %s%n"
                .formatted(others.key(), certificates.certificate()));
  }

  /**
   * The socket was closed behind the last byte, while the client still sent window updates: the
   * kernel answered with a reset, and what was on its way was lost.
   */
  @ParameterizedTest
  @EnumSource
  void drainingLetsTransfersArrive(Version version) throws Exception {
    Digest digest = upstream.putRandomBlob(8 * MIB, 1);
    CountDownLatch goOn = new CountDownLatch(1);
    upstream.on("GET", BLOBS).stallAfter(4 * MIB, goOn);
    try (HttpClient client = client(version)) {
      HttpResponse<InputStream> transfer =
          client.send(get(blob(digest)), BodyHandlers.ofInputStream());
      Future<?> drained =
          threads.submit(() -> {
            weir.weir().drain();
            return null;
          });
      goOn.countDown();
      assertThat(Digest.Algorithm.SHA256.of(transfer.body().readAllBytes())).isEqualTo(digest);
      drained.get();
    }
  }

  @ParameterizedTest
  @EnumSource
  void drainingDoesNotWaitForAConnectionThatIsIdle(Version version) throws Exception {
    try (HttpClient client = client(version)) {
      assertThat(client.send(get("/v2/"), BodyHandlers.ofString()).statusCode()).isEqualTo(200);

      Instant begun = Instant.now();
      weir.weir().drain();

      assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(4));
    }
  }

  /** Two hundred streams that nobody reads would be 12 GiB, were they not held back. */
  @Test
  void streamsThatNobodyReadsHoldNextToNothing() throws Exception {
    Digest digest = upstream.putRandomBlob(64 * MIB, 1);
    try (WeirProcess server =
            WeirProcess.builder()
                .jvm("-Xmx96m", "-XX:MaxDirectMemorySize=48m")
                .config(
                    "registry: {prefer-http2: true, tls: {cert: %s, key: %s}}%n"
                        .formatted(certificates.certificate(), certificates.key()))
                .upstream("hub", upstream.url())
                .start();
        HttpClient client = client(Version.HTTP_2)) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + blob(digest)))
              .build();
      assertThat(hash(client.send(request, BodyHandlers.ofByteArray()))).isEqualTo(digest);
      List<HttpResponse<InputStream>> unread = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        unread.add(client.send(request, BodyHandlers.ofInputStream()));
      }
      for (HttpResponse<InputStream> answer : unread.subList(1, unread.size())) {
        assertThat(cacheStatus(answer)).isEqualTo("weir; hit");
        answer.body().close();
      }
      try (InputStream body = unread.getFirst().body()) {
        assertThat(Digest.Algorithm.SHA256.of(body.readAllBytes())).isEqualTo(digest);
      }
    }
  }
}
