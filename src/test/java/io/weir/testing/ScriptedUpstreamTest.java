package io.weir.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.oci.Digest;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScriptedUpstreamTest {

  private final ScriptedUpstream upstream = ScriptedUpstream.start();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    client.close();
    upstream.close();
  }

  @Test
  void anImageIsServedAndEveryRequestIsWrittenDown() throws Exception {
    var image = upstream.image("library/a", "1", "layer".getBytes(UTF_8));

    var manifest = get("/v2/library/a/manifests/1");
    var layer = get("/v2/library/a/blobs/" + image.layers().getFirst());

    assertThat(manifest.body()).isEqualTo(image.manifest());
    assertThat(manifest.headers().firstValue("docker-content-digest"))
        .contains(image.digest().toString());
    assertThat(layer.body()).isEqualTo("layer".getBytes(UTF_8));
    assertThat(get("/v2/other/blobs/" + image.layers().getFirst()).statusCode()).isEqualTo(404);
    assertThat(upstream.count("GET", "/v2/library/a/blobs/.*")).isEqualTo(1);
    assertThat(upstream.requests()).hasSize(3);
  }

  @Test
  void aRandomBlobIsTheSameFromEveryOffset() throws Exception {
    Digest digest = upstream.putRandomBlob(200_003, 7);
    byte[] whole = get("/v2/a/blobs/" + digest).body();
    assertThat(Digest.Algorithm.SHA256.of(whole)).isEqualTo(digest);

    HttpResponse<byte[]> part =
        client.send(
            request("/v2/a/blobs/" + digest).header("Range", "bytes=1237-").build(),
            BodyHandlers.ofByteArray());
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.headers().firstValue("content-range")).contains("bytes 1237-200002/200003");
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(whole, 1237, whole.length));
  }

  @Test
  void aRuleHoldsAsOftenAsItSays() throws Exception {
    Digest digest = upstream.putBlob(new byte[5000]);
    upstream.on("GET", "/v2/a/blobs/.*").times(1).status(503, "busy", "Retry-After", "7");
    upstream.on("GET", "/v2/b/blobs/.*").times(1).cutAfter(100);
    upstream.on("GET", "/v2/c/blobs/.*").corruptByteAt(4000).noContentLength();

    var busy = get("/v2/a/blobs/" + digest);
    assertThat(busy.statusCode()).isEqualTo(503);
    assertThat(busy.headers().firstValue("retry-after")).contains("7");
    assertThat(get("/v2/a/blobs/" + digest).statusCode()).isEqualTo(200);
    assertThatThrownBy(() -> get("/v2/b/blobs/" + digest)).isInstanceOf(IOException.class);
    assertThat(get("/v2/b/blobs/" + digest).body()).hasSize(5000);
    var corrupt = get("/v2/c/blobs/" + digest);
    assertThat(corrupt.headers().firstValue("content-length")).isEmpty();
    assertThat(corrupt.body()[4000]).isEqualTo((byte) 0xff);
  }

  @Test
  void aStalledBodyGoesOnWhenTheTestSays() throws Exception {
    Digest digest = upstream.putBlob(new byte[5000]);
    CountDownLatch latch = new CountDownLatch(1);
    upstream.on("GET", "/v2/a/blobs/.*").stallAfter(1000, latch);

    var answer =
        client.sendAsync(request("/v2/a/blobs/" + digest).build(), BodyHandlers.ofByteArray());
    upstream.awaitRequests("GET", "/v2/a/blobs/.*", 1);
    assertThat(answer.isDone()).isFalse();
    latch.countDown();

    assertThat(answer.get().body()).hasSize(5000);
  }

  @Test
  void aTokenCountsForTheRepositoryItWasIssuedFor() throws Exception {
    upstream.image("a", "1", new byte[1]);
    upstream.image("b", "1", new byte[1]);
    upstream.auth().bearer();

    var refused = get("/v2/a/manifests/1");
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("www-authenticate"))
        .contains(
            "Bearer realm=\"%s\",service=\"scripted\",scope=\"repository:a:pull\""
                .formatted(upstream.url("/token")));
    assertThat(new String(get("/token?scope=repository:a:pull").body(), UTF_8))
        .isEqualTo("{\"token\":\"token-1\",\"expires_in\":300}");
    assertThat(getWithToken("/v2/a/manifests/1", "token-1")).isEqualTo(200);
    assertThat(getWithToken("/v2/b/manifests/1", "token-1")).isEqualTo(401);
    upstream.auth().revokeTokens();
    assertThat(getWithToken("/v2/a/manifests/1", "token-1")).isEqualTo(401);
  }

  @Test
  void tagsAreListedInPages() throws Exception {
    for (String tag : new String[] {"1", "2", "3"}) {
      upstream.image("a", tag, new byte[1]);
    }
    var page = get("/v2/a/tags/list?n=2");
    assertThat(new String(page.body(), UTF_8)).isEqualTo("{\"name\":\"a\",\"tags\":[\"1\",\"2\"]}");
    assertThat(page.headers().firstValue("link"))
        .contains("</v2/a/tags/list?last=2&n=2>; rel=\"next\"");
    var last = get("/v2/a/tags/list?last=2&n=2");
    assertThat(new String(last.body(), UTF_8)).isEqualTo("{\"name\":\"a\",\"tags\":[\"3\"]}");
    assertThat(last.headers().firstValue("link")).isEmpty();
  }

  @Test
  void whatIsOfflineRefusesUntilItIsOnlineAgain() throws Exception {
    upstream.goOffline();
    assertThatThrownBy(() -> get("/v2/")).isInstanceOf(IOException.class);
    upstream.goOnline();
    assertThat(get("/v2/").statusCode()).isEqualTo(200);
  }

  private HttpResponse<byte[]> get(String target) throws IOException, InterruptedException {
    return client.send(request(target).build(), BodyHandlers.ofByteArray());
  }

  private int getWithToken(String target, String token) throws IOException, InterruptedException {
    return client
        .send(
            request(target).header("Authorization", "Bearer " + token).build(),
            BodyHandlers.discarding())
        .statusCode();
  }

  private HttpRequest.Builder request(String target) {
    return HttpRequest.newBuilder(upstream.url(target));
  }
}
