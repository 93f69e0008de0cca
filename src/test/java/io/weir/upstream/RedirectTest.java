package io.weir.upstream;

import static io.weir.upstream.Harness.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.oci.Digest;
import io.weir.oci.MediaType;
import io.weir.oci.Tag;
import io.weir.testing.RecordedRequest;
import io.weir.testing.ScriptedUpstream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectTest {

  private static final Tag TAG = Tag.parse("1");

  private final ScriptedUpstream registry = ScriptedUpstream.start();
  private final ScriptedUpstream store = ScriptedUpstream.start();
  private final Harness harness = new Harness(registry);
  private final ScriptedUpstream.Image image = registry.image("library/app", "1", new byte[1000]);
  private final Digest layer = image.layers().getFirst();
  private final String signed = "/b/" + layer + "?X-Amz-Signature=a%2Fb%2fc+d|e&x=\"y\"";

  RedirectTest() {
    store.on("*", "/b/.*").answer("application/octet-stream", new byte[1000]);
  }

  @AfterEach
  void close() {
    harness.close();
    registry.close();
    store.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void aBlobMayBeElsewhereAndTheAuthorizationStaysHere(int status) {
    registry.auth().bearer();
    Upstream upstream = harness.open();
    upstream.getManifest(REPOSITORY, TAG);
    registry.on("GET", "/v2/.*/blobs/.*").redirectTo(status, store.url() + signed);

    try (RemoteBlob blob = upstream.openBlob(REPOSITORY, layer, 0, -1)) {
      assertThat(Harness.readAll(blob)).hasSize(1000);
    }
    RecordedRequest there = store.requests().getFirst();
    assertThat(there.target()).isEqualTo(signed);
    assertThat(there.headers()).doesNotContainKey("authorization");
    assertThat(there.header("host")).contains("127.0.0.1:" + store.port());
    assertThat(registry.requests("GET", "/v2/.*/blobs/.*").getFirst().headers())
        .containsKey("authorization");
  }

  @Test
  void aManifestMayBeElsewhereToo() {
    store.putManifest("library/app", image.manifest(), MediaType.OCI_MANIFEST);
    registry
        .on("*", "/v2/.*/manifests/1")
        .redirectTo(store.url("/v2/library/app/manifests/" + image.digest()).toString());
    Upstream upstream = harness.open();

    assertThat(upstream.getManifest(REPOSITORY, TAG).content()).isEqualTo(image.manifest());
    assertThat(upstream.headManifest(REPOSITORY, TAG).digest()).isEqualTo(image.digest());
    assertThat(store.requests()).extracting(RecordedRequest::method).containsExactly("GET", "HEAD");
    assertThat(store.requests().getFirst().header("accept")).contains(MediaType.MANIFEST_ACCEPT);
  }

  @Test
  void theRangeGoesAlong() {
    registry.on("GET", "/v2/.*/blobs/.*").redirectTo(store.url("/v2/x/blobs/" + layer).toString());
    store.putBlob(new byte[1000]);
    try (RemoteBlob blob = harness.open().openBlob(REPOSITORY, layer, 400, -1)) {
      assertThat(blob.offset()).isEqualTo(400);
      assertThat(Harness.readAll(blob)).hasSize(600);
    }
  }

  @Test
  void whereToMayBeWrittenWithoutTheHost() {
    registry.auth().basic("me", "secret");
    registry.on("GET", "/v2/library/app/blobs/.*").redirectTo("/v2/other/blobs/" + layer);
    registry.putBlob(new byte[1000]);
    try (RemoteBlob blob =
        harness.login("me", "secret").open().openBlob(REPOSITORY, layer, 0, -1)) {
      assertThat(Harness.readAll(blob)).hasSize(1000);
    }
  }

  @Test
  void aCircleIsLeft() {
    registry.on("GET", "/v2/.*/manifests/1").redirectTo("/v2/library/app/manifests/1");
    assertThatThrownBy(() -> harness.open().getManifest(REPOSITORY, TAG))
        .hasMessage("scripted: more than 10 redirects")
        .extracting("kind")
        .isEqualTo(UpstreamException.Kind.INVALID);
    assertThat(registry.requests()).hasSize(11);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://example.com/x", "file:///etc/passwd", "", "http://", "gopher:x"})
  void whatIsNoHttpUrlIsNotFollowed(String location) {
    registry.on("GET", "/v2/.*/manifests/1").redirectTo(location);
    assertThatThrownBy(() -> harness.open().getManifest(REPOSITORY, TAG))
        .isInstanceOf(UpstreamException.class)
        .hasMessageStartingWith("scripted: a redirect that ")
        .extracting("kind")
        .isEqualTo(UpstreamException.Kind.INVALID);
  }

  @Test
  void oddCharactersAreTolerated() {
    registry.on("GET", "/v2/.*/blobs/.*").redirectTo(store.url() + "/b/a b\u00e9?c=d e#f");
    try (RemoteBlob blob = harness.open().openBlob(REPOSITORY, layer, 0, -1)) {
      assertThat(Harness.readAll(blob)).hasSize(1000);
    }
    assertThat(store.requests().getFirst().target()).isEqualTo("/b/a%20b%E9?c=d%20e");
  }

  @Test
  void whoAnsweredIsNamedWithoutWhatWasSigned() {
    registry.on("GET", "/v2/.*/blobs/.*").redirectTo(store.url() + "/v2/x/blobs/y?X-Sig=secret");
    store.on("GET", ".*").status(403, "<Error>expired</Error>");
    assertThatThrownBy(() -> harness.open().openBlob(REPOSITORY, layer, 0, -1))
        .hasMessage("scripted: 127.0.0.1:" + store.port() + " answered 403")
        .extracting("kind")
        .isEqualTo(UpstreamException.Kind.DENIED);
  }

  /** Its challenge is for somebody else. */
  @Test
  void aRefusalElsewhereIsNotAnsweredWithAToken() {
    store.on("GET", "/x").status(401, "", "WWW-Authenticate", "Bearer realm=\"/token\"");
    registry.on("GET", "/v2/.*/blobs/.*").redirectTo(store.url("/x").toString());
    harness.login("me", "secret");
    assertThatThrownBy(() -> harness.open().openBlob(REPOSITORY, layer, 0, -1))
        .isInstanceOf(UpstreamException.class);
    assertThat(store.requests()).hasSize(1);
    assertThat(registry.requests()).hasSize(1);
  }
}
