package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.StoreInvariants;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two images, one layer: the expiry of one must not take the layer from the other. What is the
 * first complaint about other caches.
 */
class SharedBlobTest {

  private static final Duration TTL = Duration.ofHours(1);
  private static final int LAYER_BYTES = 8 << 20;

  @TempDir private Path data;
  private final FakeClock clock = new FakeClock();
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;
  private final Digest shared = upstream.putRandomBlob(LAYER_BYTES, 1);
  private final ScriptedUpstream.Image old = upstream.imageOf("team/old", "v1", shared);
  private final ScriptedUpstream.Image young = upstream.imageOf("team/young", "v1", shared);

  @BeforeEach
  void start() throws IOException {
    weir = configured().start();
  }

  private WeirServer.Builder configured() {
    return WeirServer.in(data).clock(clock).ttl(TTL).upstream("hub", upstream.url());
  }

  private void pull(String repository, ScriptedUpstream.Image image) throws IOException {
    String base = "/v2/hub/" + repository;
    assertThat(Http.get(weir.port(), base + "/manifests/v1").body()).isEqualTo(image.manifest());
    for (Digest digest : Set.of(image.config(), shared)) {
      Http.Answer answer = Http.get(weir.port(), base + "/blobs/" + digest);
      assertThat(answer.whole()).isTrue();
      assertThat(digest.algorithm().of(answer.body())).isEqualTo(digest);
    }
  }

  /** Has the server look at once, and waits until {@code gone} has left. */
  private void expire(Digest gone) throws IOException {
    long before = evictedBytes();
    assertThat(weir.reload(configured())).isEmpty();
    Instant end = Instant.now().plusSeconds(20);
    while (evictedBytes() == before) {
      assertThat(Instant.now()).as("%s leaves", gone).isBefore(end);
    }
    assertThat(StoreInvariants.files(data)).doesNotContain(gone);
  }

  /** Counted when an eviction is over. */
  private long evictedBytes() throws IOException {
    String metrics = Http.get(weir.weir().adminAddress().getPort(), "/metrics").text();
    return metrics
        .lines()
        .filter(line -> line.startsWith("weir_evicted_bytes_total{"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void whatAnotherImageNeedsStaysWhenOneExpires() throws Exception {
    pull("team/old", old);
    clock.advance(TTL.minusMinutes(1));
    pull("team/young", young);
    clock.advance(Duration.ofMinutes(2));
    expire(old.digest());
    assertThat(StoreInvariants.files(data))
        .containsExactlyInAnyOrder(young.digest(), young.config(), shared);

    upstream.goOffline();
    pull("team/young", young);
    weir.close();
    StoreInvariants.check(data);
  }

  @Test
  void aTransferGoesOnWhenItsImageLeavesMeanwhile() throws Exception {
    pull("team/old", old);
    pull("team/young", young);
    try (Http.Stream first = layerOf("team/old");
        Http.Stream second = layerOf("team/young")) {
      clock.advance(TTL);
      expire(shared);
      assertThat(StoreInvariants.files(data)).isEmpty();
      upstream.goOffline();
      for (Http.Stream transfer : Set.of(first, second)) {
        byte[] layer = transfer.readToEnd();
        assertThat(transfer.whole()).isTrue();
        assertThat(shared.algorithm().of(layer)).isEqualTo(shared);
      }
    }
    upstream.goOnline();
    pull("team/young", young);
    weir.close();
    StoreInvariants.check(data);
  }

  /** What memory holds must not outlive what the disk held: it would be served but not stored. */
  @Test
  void anImageThatLeftIsFetchedAndStoredAnew() throws Exception {
    pull("team/old", old);
    clock.advance(TTL);
    expire(shared);
    upstream.forgetRequests();
    pull("team/old", old);
    assertThat(upstream.count("GET", ".*/(manifests|blobs)/.*")).isEqualTo(3);
    weir.close();
    assertThat(StoreInvariants.files(data)).hasSize(3);
    StoreInvariants.check(data);
  }

  private Http.Stream layerOf(String repository) throws IOException {
    return Http.open(weir.port(), "GET", "/v2/hub/" + repository + "/blobs/" + shared);
  }

  /**
   * A node that has the image asks with HEAD, and with If-None-Match, whether it is still the one.
   */
  @Test
  void whoOnlyAsksWhatATagIsUsesTheImage() throws Exception {
    pull("team/old", old);
    clock.advance(TTL.minusMinutes(1));
    pull("team/young", young);
    String tag = "/v2/hub/team/old/manifests/v1";
    assertThat(Http.head(weir.port(), tag).status()).isEqualTo(200);
    clock.advance(TTL.minusMinutes(1));
    String etag = "If-None-Match: \"" + old.digest() + '"';
    assertThat(Http.get(weir.port(), tag, etag).status()).isEqualTo(304);
    clock.advance(TTL.minusMinutes(1));
    expire(young.digest());
    assertThat(StoreInvariants.files(data)).contains(old.digest(), old.config(), shared);
  }
}
