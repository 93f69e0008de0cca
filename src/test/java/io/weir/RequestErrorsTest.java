package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.config.Size;
import io.weir.oci.Digest;
import io.weir.oci.ImagePattern;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.Users;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Why a request ended with an error, as it is counted: once, and by what went wrong first. */
@Timeout(60)
class RequestErrorsTest {

  private static final String APP = "/v2/hub/team/app";
  private static final int LARGE_BYTES = 16 << 20;

  private static final Pattern ERRORS =
      Pattern.compile(
          "(?m)^weir_request_errors_total\\{kind=\"(\\w+)\",reason=\"(\\w+)\",upstream=\"hub\"}"
              + " (\\d+)\\.0$");
  private static final Pattern REQUESTS =
      Pattern.compile(
          "(?m)^weir_requests_total\\{kind=\"\\w+\",outcome=\"error\",upstream=\"hub\"}"
              + " (\\d+)\\.0$");

  @TempDir private Path folder;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private WeirServer weir;

  @BeforeEach
  void start() throws IOException {
    weir = server().start().awaitReconciliation();
  }

  private WeirServer.Builder server() {
    return WeirServer.in(folder.resolve("data"))
        .timeouts(Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(1))
        .upstream("hub", hub -> hub.deny("secret/**"), upstream.url());
  }

  @AfterEach
  void stop() {
    weir.close();
  }

  private Http.Answer get(String path, String... headers) throws IOException {
    return Http.get(weir.port(), path, headers);
  }

  /** How often each kind of request ended with each reason, but for those that none did. */
  private Map<String, Long> errors() throws IOException {
    Map<String, Long> errors = new TreeMap<>();
    Matcher series = ERRORS.matcher(page());
    while (series.find()) {
      errors.put(series.group(1) + ' ' + series.group(2), Long.valueOf(series.group(3)));
    }
    assertThat(errors).hasSize(5 * 8);
    errors.values().removeIf(count -> count == 0);
    return errors;
  }

  private long failedRequests() throws IOException {
    return REQUESTS
        .matcher(page())
        .results()
        .mapToLong(series -> Long.parseLong(series.group(1)))
        .sum();
  }

  private String page() throws IOException {
    return Http.get(weir.adminPort(), "/metrics").text();
  }

  /** A client may have its answer before that is counted. */
  private void assertErrors(Map<String, Long> expected) throws IOException {
    long count = expected.values().stream().mapToLong(Long::longValue).sum();
    assertThat(Await.until(Duration.ofSeconds(10), () -> failedRequests() >= count)).isTrue();
    assertThat(errors()).isEqualTo(expected);
    assertThat(failedRequests()).isEqualTo(count);
  }

  @ParameterizedTest
  @CsvSource({
    "404, 404, not_found",
    "401, 403, denied",
    "403, 403, denied",
    "429, 429, throttled",
    "500, 502, unreachable",
    "503, 502, unreachable",
    "418, 502, bad_answer",
  })
  void whatUpstreamSaysIsTheReason(int said, int answered, String reason) throws IOException {
    upstream.on("GET", ".*/manifests/.*").status(said);
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(answered);
    assertErrors(Map.of("manifest " + reason, 1L));
  }

  @Test
  void anUpstreamThatIsGoneOrTooSlowIsUnreachable() throws IOException {
    upstream.on("GET", ".*/tags/list").delay(Duration.ofSeconds(2));
    assertThat(get(APP + "/tags/list").status()).isEqualTo(504);
    upstream.goOffline();
    assertThat(get(APP + "/manifests/v1").status()).isIn(502, 504);
    assertErrors(Map.of("tags unreachable", 1L, "manifest unreachable", 1L));
  }

  @Test
  void aPageInPlaceOfAManifestAndBytesThatAreWrongAreBadAnswers() throws IOException {
    upstream.on("GET", ".*/manifests/.*").html();
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(502);
    Digest small = upstream.putRandomBlob(1000, 1);
    Digest large = upstream.putRandomBlob(LARGE_BYTES, 2);
    upstream.on("GET", ".*/blobs/.*").corruptByteAt(500);
    Http.Answer refusedOrCut = get(APP + "/blobs/" + small);
    assertThat(refusedOrCut.status() == 502 || !refusedOrCut.whole()).isTrue();
    assertThat(get(APP + "/blobs/" + large).whole()).isFalse();
    assertErrors(Map.of("manifest bad_answer", 1L, "blob bad_answer", 2L));
  }

  @Test
  void whatTheClientGotWrongIsABadRequest() throws IOException {
    upstream.image("team/app", "v1", new byte[1000]);
    Digest blob = upstream.putRandomBlob(1000, 1);
    assertThat(get(APP + "/tags/list?n=many").status()).isEqualTo(400);
    assertThat(get(APP + "/blobs/" + blob, "Range: bytes=1000-").status()).isEqualTo(416);
    assertErrors(Map.of("tags bad_request", 1L, "blob bad_request", 1L));
  }

  @Test
  void whatTheConfigurationDoesNotGiveIsDenied() throws IOException {
    assertThat(get("/v2/hub/secret/app/manifests/v1").status()).isEqualTo(403);
    weir.close();
    Users users = new Users(folder.resolve("users")).put("ci", "secret");
    Config.Allowed some = new Config.Allowed(List.of(ImagePattern.parse("hub/team/open")));
    weir =
        server()
            .auth(new Config.Auth(Optional.of(users.file()), Optional.of(some), Map.of()))
            .start();
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(401);
    assertErrors(Map.of("manifest denied", 1L));
  }

  /** Whether it has begun to get something, or not. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aClientThatLeavesHasAborted(int atLeastBytes) throws Exception {
    Digest blob = upstream.putRandomBlob(LARGE_BYTES, 1);
    upstream.on("GET", ".*/blobs/.*").delay(Duration.ofMillis(atLeastBytes == 0 ? 500 : 0));
    if (atLeastBytes == 0) {
      leaveAtOnce(APP + "/blobs/" + blob);
    } else {
      try (Http.Stream stream = Http.open(weir.port(), "GET", APP + "/blobs/" + blob)) {
        assertThat(stream.read(new byte[atLeastBytes])).isPositive();
      }
    }
    assertErrors(Map.of("blob aborted", 1L));
  }

  private void leaveAtOnce(String path) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), weir.port())) {
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: weir\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      upstream.awaitRequests("GET", ".*/blobs/.*", 1);
    }
  }

  /** The client has some of it, and nothing of its own doing has taken the rest away. */
  @Test
  void anUpstreamThatIsLostInTheMiddleIsUnreachableThoughTheClientIsCut() throws IOException {
    assertThat(cacheStatusOfWhatIsLostInTheMiddle()).endsWith("; stored");
    assertErrors(Map.of("blob unreachable", 1L));
  }

  /** Past the disk, where each client reads from upstream itself. */
  @Test
  void soIsOneThatIsLostWhileABlobPassesBy() throws IOException {
    weir.reload(server().limits(new Size.Bytes(LARGE_BYTES / 2), new Size.Bytes(0)));
    assertThat(cacheStatusOfWhatIsLostInTheMiddle()).contains("; detail=");
    assertErrors(Map.of("blob unreachable", 1L));
  }

  private String cacheStatusOfWhatIsLostInTheMiddle() throws IOException {
    Digest blob = upstream.putRandomBlob(LARGE_BYTES, 1);
    CountDownLatch never = new CountDownLatch(1);
    upstream.on("GET", ".*/blobs/.*").stallAfter(LARGE_BYTES / 2, never);
    try (Http.Stream stream = Http.open(weir.port(), "GET", APP + "/blobs/" + blob)) {
      assertThat(stream.read(new byte[1])).isPositive();
      upstream.behave();
      upstream.on("GET", ".*/blobs/.*").status(503);
      upstream.dropConnections();
      assertThat(stream.readToEnd()).isNotEmpty();
      assertThat(stream.whole()).isFalse();
      return stream.headers().getOrDefault("cache-status", "");
    } finally {
      never.countDown();
    }
  }

  @Test
  void whatOurDiskHasSpoiltIsInternal() throws IOException {
    Digest blob = upstream.putRandomBlob(LARGE_BYTES, 1);
    String path = APP + "/blobs/" + blob;
    assertThat(
            Await.until(
                Duration.ofSeconds(10), () -> get(path).header("Cache-Status").equals("weir; hit")))
        .isTrue();
    weir.reload(server().scrub(new Config.Scrub(Duration.ZERO, 1 << 20, true)));
    Path file = folder.resolve("data/blobs/sha256").resolve(blob.hex());
    byte[] wrong = Files.readAllBytes(file);
    wrong[LARGE_BYTES / 2] ^= 1;
    Files.write(file, wrong);
    Http.Answer answer = get(path);
    assertThat(answer.status() == 503 || !answer.whole()).isTrue();
    assertErrors(Map.of("blob internal", 1L));
  }
}
