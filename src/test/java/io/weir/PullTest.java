package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.TagsConfig;
import io.weir.oci.Digest;
import io.weir.oci.MediaType;
import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pull gets, and what it costs upstream. */
class PullTest {

  private static final String APP = "/v2/hub/team/app";

  @TempDir private Path data;
  private final FakeClock clock = new FakeClock();
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;
  private ScriptedUpstream.Image image;

  @BeforeEach
  void start() throws IOException {
    image =
        upstream.image(
            "team/app", "v1", bytes("first layer"), bytes("second layer"), new byte[200_000]);
    weir = serve();
  }

  private WeirServer serve() throws IOException {
    return WeirServer.in(data)
        .clock(clock)
        .tags(Duration.ofMinutes(1), TagsConfig.StaleIfError.ALWAYS)
        .upstream("hub", upstream.url())
        .start();
  }

  private Http.Answer get(String path, String... headers) throws IOException {
    return Http.get(weir.port(), path, headers);
  }

  private Http.Answer pull() throws IOException {
    Http.Answer manifest = get(APP + "/manifests/v1");
    assertThat(manifest.status()).isEqualTo(200);
    assertThat(manifest.body()).isEqualTo(image.manifest());
    for (Digest digest : image.layers()) {
      assertBlob(get(APP + "/blobs/" + digest), digest);
    }
    assertBlob(get(APP + "/blobs/" + image.config()), image.config());
    return manifest;
  }

  /**
   * A client has a blob a moment before the disk has: waits until it is answered from the store.
   */
  private void awaitStored(String path) throws IOException {
    Instant end = Instant.now().plusSeconds(20);
    while (!get(path).header("Cache-Status").equals("weir; hit")) {
      assertThat(Instant.now()).as("%s is stored", path).isBefore(end);
    }
  }

  private static void assertBlob(Http.Answer answer, Digest digest) {
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.whole()).isTrue();
    assertThat(digest.algorithm().of(answer.body())).isEqualTo(digest);
    assertThat(answer.header("Docker-Content-Digest")).isEqualTo(digest.toString());
    assertThat(answer.header("Content-Type")).isEqualTo("application/octet-stream");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aColdPullCostsOneManifestAndEachBlobOnceAndOneToken() throws IOException {
    upstream.auth().bearer();
    pull();
    assertThat(upstream.count("*", ".*/manifests/.*"))
        .isEqualTo(1 + 1); // the first is answered with the challenge
    assertThat(upstream.count("GET", ".*/blobs/.*")).isEqualTo(4);
    assertThat(upstream.count("*", ".*token.*")).isEqualTo(1);
    assertThat(upstream.requests()).hasSize(7);
  }

  @Test
  void aPullWithinTheRefreshTimeCostsNothing() throws IOException {
    pull();
    upstream.forgetRequests();
    clock.advance(Duration.ofSeconds(59));
    assertThat(pull().header("Cache-Status")).isEqualTo("weir; hit; ttl=1");
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void aPullAfterTheRefreshTimeCostsOneHead() throws IOException {
    upstream.auth().bearer();
    pull();
    upstream.forgetRequests();
    clock.advance(Duration.ofSeconds(61));
    assertThat(pull().header("Cache-Status")).isEqualTo("weir; fwd=stale; fwd-status=200");
    assertThat(upstream.count("HEAD", ".*/manifests/v1")).isEqualTo(1);
    assertThat(upstream.count("*", ".*/(manifests|blobs)/.*")).isEqualTo(1);
    upstream.forgetRequests();
    assertThat(pull().header("Cache-Status")).isEqualTo("weir; hit; ttl=60");
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void aRestartLosesNothing() throws IOException {
    pull();
    weir.close();
    upstream.forgetRequests();
    weir = serve();
    assertThat(pull().header("Cache-Status")).isEqualTo("weir; hit; ttl=60");
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void aMovedTagIsFetchedByItsNewDigest() throws IOException {
    pull();
    ScriptedUpstream.Image second = upstream.image("team/app", "v1", bytes("another layer"));
    clock.advance(Duration.ofMinutes(2));
    upstream.forgetRequests();
    Http.Answer answer = get(APP + "/manifests/v1");
    assertThat(answer.body()).isEqualTo(second.manifest());
    assertThat(answer.header("Cache-Status")).isEqualTo("weir; fwd=stale; fwd-status=200; stored");
    assertThat(upstream.count("HEAD", ".*/manifests/v1")).isEqualTo(1);
    assertThat(upstream.count("GET", ".*/manifests/" + second.digest())).isEqualTo(1);
    assertThat(upstream.requests()).hasSize(2);
  }

  @Test
  void aTagThatMovesBackToAStoredManifestCostsOneHead() throws IOException {
    pull();
    upstream.image("team/app", "v1", bytes("another layer"));
    clock.advance(Duration.ofMinutes(2));
    assertThat(get(APP + "/manifests/v1").body()).isNotEqualTo(image.manifest());
    upstream.tag("team/app", "v1", image.digest());
    clock.advance(Duration.ofMinutes(2));
    upstream.forgetRequests();
    assertThat(get(APP + "/manifests/v1").body()).isEqualTo(image.manifest());
    assertThat(upstream.requests()).hasSize(1);
  }

  @Test
  void aTagThatIsGoneUpstreamIsGoneHere() throws IOException {
    pull();
    upstream.untag("team/app", "v1");
    clock.advance(Duration.ofMinutes(2));
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(404);
    assertThat(get(APP + "/manifests/" + image.digest()).status())
        .as("its digest is still right")
        .isEqualTo(200);
  }

  @Test
  void headAndGetHaveTheSameHeaders() throws IOException {
    Http.Answer cold = Http.head(weir.port(), APP + "/manifests/v1");
    assertThat(cold.body()).isEmpty();
    for (String path :
        new String[] {
          "/manifests/v1", "/manifests/" + image.digest(), "/blobs/" + image.layers().get(2)
        }) {
      Http.Answer got = get(APP + path);
      Http.Answer head = Http.head(weir.port(), APP + path);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Content-Length")).isEqualTo(Integer.toString(got.body().length));
      for (String name :
          new String[] {"Content-Length", "Content-Type", "Docker-Content-Digest", "ETag"}) {
        assertThat(head.header(name)).as(name).isEqualTo(got.header(name)).isNotEmpty();
      }
      assertThat(head.header("Docker-Distribution-Api-Version")).isEqualTo("registry/2.0");
      assertThat(head.headers()).doesNotContainKey("content-encoding");
    }
  }

  @Test
  void headOfAColdBlobAsksForItsLengthAndFetchesNothing() throws IOException {
    Digest layer = image.layers().get(2);
    Http.Answer head = Http.head(weir.port(), APP + "/blobs/" + layer);
    assertThat(head.header("Content-Length")).isEqualTo("200000");
    assertThat(upstream.count("HEAD", ".*/blobs/.*")).isEqualTo(1);
    assertThat(upstream.count("GET", ".*/blobs/.*")).isZero();
  }

  @Test
  void anIndexStaysAnIndexWhateverIsAccepted() throws IOException {
    Digest index = upstream.index("team/app", "multi", image.digest());
    Http.Answer answer = get(APP + "/manifests/multi", "Accept: " + MediaType.DOCKER_MANIFEST);
    assertThat(answer.header("Content-Type")).isEqualTo(MediaType.OCI_INDEX);
    assertThat(answer.header("Docker-Content-Digest")).isEqualTo(index.toString());
    assertThat(Digest.Algorithm.SHA256.of(answer.body())).isEqualTo(index);
    assertThat(upstream.requests("GET", ".*/manifests/multi").getFirst().header("accept"))
        .hasValue(MediaType.MANIFEST_ACCEPT);
  }

  @Test
  void aDigestGuessedInAnotherRepositoryOpensNothing() throws IOException {
    byte[] secret = bytes("a private layer");
    Digest digest = upstream.putBlob("private/app", secret);
    upstream.image("public/app", "v1", bytes("layer"));
    assertThat(get("/v2/hub/private/app/blobs/" + digest).status()).isEqualTo(200);
    assertThat(get("/v2/hub/public/app/blobs/" + digest).status()).isEqualTo(404);
    assertThat(get("/v2/hub/private/app/blobs/" + digest).status()).isEqualTo(200);
  }

  @Test
  void aBlobStoredForAnotherRepositoryIsEarnedByOneHeadAndNeverFetchedAgain() throws IOException {
    Digest digest = upstream.putBlob(bytes("a shared layer"));
    assertBlob(get("/v2/hub/one/app/blobs/" + digest), digest);
    awaitStored("/v2/hub/one/app/blobs/" + digest);
    upstream.forgetRequests();
    Http.Answer answer = get("/v2/hub/two/app/blobs/" + digest);
    assertBlob(answer, digest);
    assertThat(answer.header("Cache-Status")).contains("already stored");
    assertThat(get("/v2/hub/two/app/blobs/" + digest).header("Cache-Status"))
        .isEqualTo("weir; hit");
    assertThat(upstream.count("HEAD", "/v2/two/app/blobs/.*")).isEqualTo(1);
    assertThat(upstream.requests()).hasSize(1);
  }

  @Test
  void sha512IsVerifiedAndServedToo() throws IOException {
    Digest digest = upstream.putBlob(bytes("long digest"), Digest.Algorithm.SHA512);
    assertBlob(get(APP + "/blobs/" + digest), digest);
    awaitStored(APP + "/blobs/" + digest);
    assertBlob(get(APP + "/blobs/" + digest), digest);
  }

  @Test
  void anEmptyBlobIsABlob() throws IOException {
    Digest digest = upstream.putBlob(new byte[0]);
    assertBlob(get(APP + "/blobs/" + digest), digest);
    assertBlob(get(APP + "/blobs/" + digest), digest);
  }

  @Test
  void aBlobWithoutAContentLengthIsStreamedAndStored() throws IOException {
    Digest layer = image.layers().get(2);
    CountDownLatch goOn = new CountDownLatch(1);
    upstream.on("GET", ".*/blobs/.*").noContentLength().stallAfter(150_000, goOn);
    try (Http.Stream cold = Http.open(weir.port(), "GET", APP + "/blobs/" + layer)) {
      assertThat(cold.headers()).containsEntry("transfer-encoding", "chunked");
      goOn.countDown();
      assertThat(layer.algorithm().of(cold.readToEnd())).isEqualTo(layer);
      assertThat(cold.whole()).isTrue();
    }
    upstream.behave();
    awaitStored(APP + "/blobs/" + layer);
    assertThat(get(APP + "/blobs/" + layer).header("Content-Length")).isEqualTo("200000");
    assertThat(upstream.count("GET", ".*/blobs/.*")).isEqualTo(1);
  }

  @Test
  void anHttp10ClientGetsALengthEvenIfUpstreamGivesNone() throws IOException {
    Digest layer = image.layers().get(2);
    upstream.on("GET", ".*/blobs/.*").noContentLength();
    Http.Answer answer =
        Http.raw(weir.port(), "GET " + APP + "/blobs/" + layer + " HTTP/1.0\r\nHost: x\r\n\r\n");
    assertBlob(answer, layer);
    assertThat(answer.header("Content-Length")).isEqualTo("200000");
  }

  @Test
  void rangesAreAnsweredColdAndStored() throws IOException {
    byte[] content = new byte[100_000];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i * 31 + i / 251);
    }
    for (String state : new String[] {"cold", "stored"}) {
      for (long[] c :
          new long[][] {{0, 9, 0, 10}, {500, 999, 500, 1000}, {99_990, 200_000, 99_990, 100_000}}) {
        Digest digest = blobFor(content, state, c[0]);
        Http.Answer part = get(APP + "/blobs/" + digest, "Range: bytes=" + c[0] + "-" + c[1]);
        assertPart(part, content, (int) c[2], (int) c[3], state);
      }
      Digest digest = blobFor(content, state, 7);
      assertPart(
          get(APP + "/blobs/" + digest, "Range: bytes=99000-"), content, 99_000, 100_000, state);
      digest = blobFor(content, state, 8);
      assertPart(
          get(APP + "/blobs/" + digest, "Range: bytes=-500"), content, 99_500, 100_000, state);
      digest = blobFor(content, state, 9);
      Http.Answer beyond = get(APP + "/blobs/" + digest, "Range: bytes=100000-");
      assertThat(beyond.status()).as(state).isEqualTo(416);
      assertThat(beyond.header("Content-Range")).isEqualTo("bytes */100000");
      digest = blobFor(content, state, 10);
      Http.Answer several = get(APP + "/blobs/" + digest, "Range: bytes=0-1,5-6");
      assertThat(several.status()).isEqualTo(200);
      assertThat(several.body()).hasSize(100_000);
    }
  }

  /**
   * The same content for "stored"; for "cold" one whose first byte differs each time, so that it is
   * not here yet.
   */
  private Digest blobFor(byte[] content, String state, long variant) throws IOException {
    if (state.equals("stored")) {
      Digest digest = upstream.putBlob(content);
      assertThat(get(APP + "/blobs/" + digest).status()).isEqualTo(200);
      return digest;
    }
    content[50_000] = (byte) variant;
    return upstream.putBlob(content.clone());
  }

  private static void assertPart(Http.Answer part, byte[] content, int from, int to, String state) {
    assertThat(part.status()).as(state).isEqualTo(206);
    assertThat(part.header("Content-Range"))
        .isEqualTo("bytes " + from + "-" + (to - 1) + "/" + content.length);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, from, to));
  }

  @Test
  void conditionsAreHonoured() throws IOException {
    pull();
    Digest layer = image.layers().getFirst();
    String etag = "\"" + layer + "\"";
    awaitStored(APP + "/blobs/" + layer);
    assertThat(get(APP + "/blobs/" + layer, "If-None-Match: " + etag).status()).isEqualTo(304);
    assertThat(get(APP + "/blobs/" + layer, "If-None-Match: \"other\"").status()).isEqualTo(200);
    Http.Answer manifest = get(APP + "/manifests/v1", "If-None-Match: \"" + image.digest() + "\"");
    assertThat(manifest.status()).isEqualTo(304);
    assertThat(manifest.body()).isEmpty();
    assertThat(get(APP + "/blobs/" + layer, "Range: bytes=0-3", "If-Range: " + etag).status())
        .isEqualTo(206);
    assertThat(get(APP + "/blobs/" + layer, "Range: bytes=0-3", "If-Range: \"other\"").status())
        .isEqualTo(200);
  }

  /** Between the look at the disk and the opening of the file there was a moment for a 503. */
  @Test
  void aBlobThatIsEvictedAtAnyInstantIsFetchedAgain() throws Exception {
    Digest layer = image.layers().getFirst();
    Path file = data.resolve("blobs/sha256").resolve(layer.hex());
    AtomicBoolean isDone = new AtomicBoolean();
    Thread evicting =
        Thread.ofPlatform()
            .start(() -> {
              while (!isDone.get()) {
                boolean _ = file.toFile().delete();
              }
            });
    try {
      for (int i = 0; i < 1000; i++) {
        assertBlob(get(APP + "/blobs/" + layer), layer);
      }
    } finally {
      isDone.set(true);
      evicting.join();
    }
  }

  @Test
  void onlyReadingIsAllowed() throws IOException {
    for (String method : new String[] {"POST", "PUT", "PATCH", "DELETE"}) {
      Http.Answer answer =
          Http.request(weir.port(), method, APP + "/blobs/uploads/", "Content-Length: 0");
      assertThat(answer.status()).as(method).isEqualTo(405);
      assertThat(answer.text()).contains("\"code\":\"UNSUPPORTED\"");
      assertThat(answer.header("Allow")).isEqualTo("GET, HEAD");
    }
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void severalRequestsShareAConnectionAlsoWhenSentAhead() throws IOException {
    pull();
    String one = "GET " + APP + "/manifests/v1 HTTP/1.1\r\nHost: x\r\n\r\n";
    String two =
        "GET " + APP + "/blobs/" + image.layers().getFirst() + " HTTP/1.1\r\nHost: x\r\n\r\n";
    String three = "GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), weir.port())) {
      socket.getOutputStream().write((one + two + three).getBytes(StandardCharsets.ISO_8859_1));
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(all.split("HTTP/1.1 200 OK", -1)).hasSize(4);
      assertThat(all).contains("first layer").endsWith("{}");
    }
  }

  /**
   * It was counted as a transfer when its answer came, and nothing ended it: the gauge only rose.
   */
  @Test
  void aClientThatLeavesBeforeItsAnswerIsNoTransfer() throws Exception {
    CountDownLatch answering = new CountDownLatch(1);
    upstream.on("GET", ".*/blobs/.*").hold(answering).times(1);
    String path = APP + "/blobs/" + image.layers().getLast();
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), weir.port())) {
      client.getOutputStream().write(bytes("GET " + path + " HTTP/1.1\r\nHost: weir\r\n\r\n"));
      upstream.awaitRequests("GET", ".*/blobs/.*", 1);
    }
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(200); // so that its leaving is seen
    answering.countDown();
    awaitStored(path);
    Instant end = Instant.now().plusSeconds(20);
    while (!metrics().contains("weir_transfers{upstream=\"hub\"} 0.0")) {
      assertThat(Instant.now()).as("no transfer is left").isBefore(end);
    }
  }

  private String metrics() throws IOException {
    return Http.get(weir.weir().adminAddress().getPort(), "/metrics").text();
  }
}
