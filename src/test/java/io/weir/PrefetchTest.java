package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs that are fetched before a client asks for them. */
class PrefetchTest {

  private static final String BLOBS = ".*/blobs/.*";
  private static final String APP = "/v2/hub/team/app";

  @TempDir private Path data;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();

  private WeirServer serve(int prefetch, int connections) throws IOException {
    return WeirServer.in(data)
        .prefetch(prefetch)
        .upstream("hub", hub -> hub.connections(connections), upstream.url())
        .start();
  }

  private ScriptedUpstream.Image image(int layers) {
    byte[][] contents = new byte[layers][];
    for (int i = 0; i < layers; i++) {
      contents[i] = ("layer " + i).repeat(2000).getBytes(StandardCharsets.UTF_8);
    }
    return upstream.image("team/app", "v1", contents);
  }

  private static List<Digest> blobs(ScriptedUpstream.Image image) {
    List<Digest> blobs = new ArrayList<>(image.layers());
    blobs.add(image.config());
    return blobs;
  }

  private void awaitStored(List<Digest> blobs) {
    Instant end = Instant.now().plusSeconds(20);
    for (Digest blob : blobs) {
      Path file = data.resolve("blobs").resolve("sha256").resolve(blob.hex());
      while (!Files.exists(file)) {
        assertThat(Instant.now()).as("%s is fetched ahead", blob).isBefore(end);
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  private static Http.Answer get(WeirServer weir, String path) throws IOException {
    return Http.get(weir.port(), path);
  }

  @Test
  void theBlobsOfAManifestThatWasGivenOutAreFetchedOnceAndThenServedFromHere() throws IOException {
    ScriptedUpstream.Image image = image(6);
    try (WeirServer weir = serve(4, 16)) {
      assertThat(get(weir, APP + "/manifests/v1").status()).isEqualTo(200);
      awaitStored(blobs(image));
      assertThat(upstream.count("*", BLOBS)).isEqualTo(7);
      for (Digest blob : blobs(image)) {
        Http.Answer answer = get(weir, APP + "/blobs/" + blob);
        assertThat(blob.algorithm().of(answer.body())).isEqualTo(blob);
      }
      assertThat(upstream.count("*", BLOBS)).isEqualTo(7);
    }
  }

  @Test
  void aClientThatAsksWhileTheBlobIsFetchedAheadJoinsThatFetch() throws Exception {
    ScriptedUpstream.Image image = image(1);
    CountDownLatch goOn = new CountDownLatch(1);
    upstream.on("GET", BLOBS).stallAfter(5000, goOn);
    try (WeirServer weir = serve(4, 16)) {
      get(weir, APP + "/manifests/v1");
      upstream.awaitRequests("GET", BLOBS, 2);
      Digest layer = image.layers().getFirst();
      try (Http.Stream stream = Http.open(weir.port(), "GET", APP + "/blobs/" + layer)) {
        assertThat(stream.headers().get("cache-status")).isEqualTo("weir; fwd=uri-miss; collapsed");
        goOn.countDown();
        assertThat(layer.algorithm().of(stream.readToEnd())).isEqualTo(layer);
      }
      assertThat(upstream.count("GET", BLOBS)).isEqualTo(2);
    }
  }

  @Test
  void aHeadAnIndexAndAKnownManifestFetchNothingAhead() throws IOException {
    ScriptedUpstream.Image image = image(2);
    Digest _ = upstream.index("team/app", "all", image.digest());
    try (WeirServer weir = serve(4, 16)) {
      assertThat(Http.head(weir.port(), APP + "/manifests/v1").status()).isEqualTo(200);
      assertThat(get(weir, APP + "/manifests/all").status()).isEqualTo(200);
      assertThat(upstream.count("*", BLOBS)).isZero();
      // Only the platform that the client chooses.
      get(weir, APP + "/manifests/" + image.digest());
      awaitStored(blobs(image));
      upstream.forgetRequests();
      get(weir, APP + "/manifests/" + image.digest());
      get(weir, APP + "/manifests/v1");
      assertThat(upstream.requests()).isEmpty();
    }
  }

  @Test
  void noMoreBlobsAreFetchedAheadAtATimeThanIsConfigured() throws Exception {
    ScriptedUpstream.Image image = image(9);
    CountDownLatch goOn = new CountDownLatch(1);
    upstream.on("GET", BLOBS).stallAfter(10, goOn);
    try (WeirServer weir = serve(3, 16)) {
      get(weir, APP + "/manifests/v1");
      upstream.awaitRequests("GET", BLOBS, 3);
      // A client's own request does not wait for the turn of its blob.
      Digest last = image.layers().getLast();
      try (Http.Stream stream = Http.open(weir.port(), "GET", APP + "/blobs/" + last)) {
        assertThat(stream.headers().get("cache-status")).isEqualTo("weir; fwd=uri-miss; stored");
        assertThat(upstream.count("GET", BLOBS)).isEqualTo(4);
        goOn.countDown();
        assertThat(last.algorithm().of(stream.readToEnd())).isEqualTo(last);
      }
      awaitStored(blobs(image));
      assertThat(upstream.count("GET", BLOBS)).isEqualTo(10);
    }
  }

  @Test
  void withFewConnectionsOrWithoutThePermissionNothingIsFetchedAhead() throws IOException {
    ScriptedUpstream.Image image = image(2);
    try (WeirServer weir = serve(4, 3)) {
      get(weir, APP + "/manifests/v1");
      get(weir, APP + "/blobs/" + image.config());
    }
    try (WeirServer weir = serve(0, 16)) {
      get(weir, APP + "/manifests/" + image.digest());
      get(weir, APP + "/blobs/" + image.config());
    }
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(1);
  }

  @Test
  void whatCannotBeFetchedAheadHarmsNobody() throws IOException {
    ScriptedUpstream.Image image = image(3);
    upstream.on("GET", ".*/blobs/" + image.layers().getFirst()).times(1).status(404);
    try (WeirServer weir = serve(1, 16)) {
      get(weir, APP + "/manifests/v1");
      awaitStored(image.layers().subList(1, 3));
      Digest first = image.layers().getFirst();
      assertThat(get(weir, APP + "/blobs/" + first).body()).hasSize("layer 0".length() * 2000);
    }
  }
}
