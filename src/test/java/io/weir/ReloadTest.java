package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Size;
import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another configuration for a server that runs. */
class ReloadTest {

  @TempDir private Path data;
  @AutoClose private final ScriptedUpstream first = ScriptedUpstream.start();
  @AutoClose private final ScriptedUpstream second = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;

  @BeforeEach
  void start() throws IOException {
    weir = WeirServer.in(data).upstream("hub", first.url()).start();
  }

  @Test
  void aNewUpstreamIsFoundAndARemovedOneIsNot() throws IOException {
    second.image("team/app", "v1", new byte[] {1});
    assertThat(Http.get(weir.port(), "/v2/quay/team/app/manifests/v1").status()).isEqualTo(404);

    assertThat(weir.reload(WeirServer.in(data).upstream("quay", second.url()))).isEmpty();

    assertThat(Http.get(weir.port(), "/v2/quay/team/app/manifests/v1").status()).isEqualTo(200);
    assertThat(Http.get(weir.port(), "/v2/hub/team/app/manifests/v1").status()).isEqualTo(404);
  }

  @Test
  void aTransferGoesOnAlsoWhenItsUpstreamIsGoneFromTheConfiguration() throws IOException {
    Digest digest = first.putRandomBlob(8 << 20, 1);
    CountDownLatch goOn = new CountDownLatch(1);
    first.on("GET", ".*/blobs/.*").stallAfter(4 << 20, goOn);
    try (Http.Stream transfer = Http.open(weir.port(), "GET", "/v2/hub/team/app/blobs/" + digest)) {
      weir.reload(WeirServer.in(data).upstream("quay", second.url()));
      goOn.countDown();
      assertThat(digest.algorithm().of(transfer.readToEnd())).isEqualTo(digest);
      assertThat(transfer.whole()).isTrue();
    }
  }

  @Test
  void anUpstreamThatStaysAsItWasKeepsItsToken() throws IOException {
    first.auth().bearer();
    ScriptedUpstream.Image image = first.image("team/app", "v1", new byte[] {1});
    assertThat(Http.get(weir.port(), "/v2/hub/team/app/manifests/v1").status()).isEqualTo(200);

    weir.reload(WeirServer.in(data).upstream("hub", first.url()).upstream("quay", second.url()));

    assertThat(Http.get(weir.port(), "/v2/hub/team/app/blobs/" + image.config()).status())
        .isEqualTo(200);
    assertThat(first.count("*", ".*token.*")).isEqualTo(1);
  }

  /** A reload of the same once made the metric say 1 until the next request failed. */
  @Test
  void anUpstreamThatIsDownStaysSo() throws IOException {
    first.goOffline();
    assertThat(Http.get(weir.port(), "/v2/hub/team/app/manifests/v1").status()).isEqualTo(502);

    weir.reload(WeirServer.in(data).upstream("hub", first.url()));

    assertThat(Http.get(weir.adminPort(), "/metrics").text())
        .contains("weir_upstream_up{upstream=\"hub\"} 0.0");
  }

  @Test
  void whatNeedsAnotherStartIsNamed(@TempDir Path elsewhere) {
    assertThat(
            weir.reload(
                WeirServer.in(elsewhere).upstream("hub", hub -> hub.ownPort(), first.url())))
        .containsExactly("store.path", "upstreams.NAME.listen");
  }

  @Test
  void otherLimitsOfTheStoreNeedNoOtherStart() {
    assertThat(
            weir.reload(
                WeirServer.in(data)
                    .limits(new Size.Bytes(1 << 30), new Size.Percent(10))
                    .upstream("hub", first.url())))
        .isEmpty();
  }

  @Test
  void anotherTokenOfTheAdminListenerNeedsAnotherStart() {
    assertThat(
            weir.reload(
                WeirServer.in(data).adminToken(data.resolve("token")).upstream("hub", first.url())))
        .containsExactly("admin");
  }
}
