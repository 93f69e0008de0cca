package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a pull whose blob has been damaged on disk, without any scrub. */
class DamagedBlobTest {

  private static final String APP = "/v2/hub/team/app";
  private static final int SIZE = 100_000;

  @TempDir private Path data;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;
  private ScriptedUpstream.Image image;
  private Digest layer;

  @BeforeEach
  void pullOnce() throws IOException {
    image = upstream.image("team/app", "v1", new byte[SIZE]);
    layer = image.layers().getFirst();
    weir = start();
    get(APP + "/manifests/v1");
    get(blob());
    awaitHit(blob());
    upstream.forgetRequests();
  }

  private WeirServer start() throws IOException {
    return WeirServer.in(data).upstream("hub", upstream.url()).start().awaitReconciliation();
  }

  private void restart() throws IOException {
    weir.close();
    weir = start();
  }

  private String blob() {
    return APP + "/blobs/" + layer;
  }

  private Http.Answer get(String path) throws IOException {
    return Http.get(weir.port(), path);
  }

  private void awaitHit(String path) throws IOException {
    Instant end = Instant.now().plusSeconds(20);
    while (!get(path).header("Cache-Status").equals("weir; hit")) {
      assertThat(Instant.now()).as("%s is stored", path).isBefore(end);
    }
  }

  private Path file(Digest digest) {
    return data.resolve("blobs/sha256").resolve(digest.hex());
  }

  private Path quarantined(Digest digest) {
    return data.resolve("quarantine/sha256-" + digest.hex());
  }

  private double failures(String where) throws IOException {
    String series = "weir_integrity_failures_total{upstream=\"hub\",where=\"%s\"}".formatted(where);
    return Http.get(weir.weir().adminAddress().getPort(), "/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length()).strip()))
        .sum();
  }

  private void assertServedAnew() throws IOException {
    Http.Answer answer = get(blob());
    assertThat(answer.whole()).isTrue();
    assertThat(answer.body()).isEqualTo(new byte[SIZE]);
    assertThat(answer.header("Cache-Status")).isEqualTo("weir; fwd=uri-miss; stored");
    assertThat(upstream.count("GET", ".*/blobs/.*")).isEqualTo(1);
    awaitHit(blob());
    assertThat(file(layer)).hasBinaryContent(new byte[SIZE]);
    assertThat(quarantined(layer)).exists();
    assertThat(failures("read")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, SIZE - 1, SIZE + 1})
  void aBlobOfAnotherLengthIsFetchedAnewInTheSameRequest(int length) throws IOException {
    Files.write(file(layer), new byte[length]);
    assertServedAnew();
  }

  /** A HEAD, of which a client believes the length, does not tell the wrong one. */
  @Test
  void aHeadTellsTheRightLength() throws IOException {
    Files.write(file(layer), new byte[SIZE / 2]);
    Http.Answer head = Http.head(weir.port(), blob());
    assertThat(head.header("Content-Length")).isEqualTo(Integer.toString(SIZE));
    assertServedAnew();
  }

  /** The reconciliation at the start may be quicker, or the pull: the client cannot tell. */
  @Test
  void soIsOneThatWasCutWhileTheServerWasDown() throws IOException {
    weir.close();
    Files.write(file(layer), new byte[SIZE - 1]);
    weir = start();
    Http.Answer answer = get(blob());
    assertThat(answer.body()).isEqualTo(new byte[SIZE]);
    assertThat(upstream.count("GET", ".*/blobs/.*")).isEqualTo(1);
    assertThat(failures("read") + failures("reconcile")).isEqualTo(1);
  }

  /** Another repository earns the blob by a HEAD; it does not earn a damaged one. */
  @Test
  void aRepositoryThatNeverHadItDoesNotGetADamagedOne() throws IOException {
    upstream.putBlob("team/other", new byte[SIZE]);
    Files.write(file(layer), new byte[SIZE - 1]);
    Http.Answer answer = get("/v2/hub/team/other/blobs/" + layer);
    assertThat(answer.body()).isEqualTo(new byte[SIZE]);
    assertThat(quarantined(layer)).exists();
  }

  @Test
  void aDamagedManifestIsFetchedAnewAndKeptForALook() throws IOException {
    restart();
    byte[] wrong = image.manifest().clone();
    wrong[7] ^= 1;
    Files.write(file(image.digest()), wrong);
    Http.Answer answer = get(APP + "/manifests/" + image.digest());
    assertThat(answer.body()).isEqualTo(image.manifest());
    assertThat(upstream.count("GET", ".*/manifests/.*")).isEqualTo(1);
    assertThat(file(image.digest())).hasBinaryContent(image.manifest());
    assertThat(quarantined(image.digest())).hasBinaryContent(wrong);
    assertThat(failures("read")).isEqualTo(1);
  }

  /** A digest is no secret: whoever asks for a large layer as a manifest must not put it away. */
  @Test
  void askingForALayerAsAManifestDoesItNoHarm() throws IOException {
    Digest large = upstream.putRandomBlob(5 << 20, 1);
    get(APP + "/blobs/" + large);
    awaitHit(APP + "/blobs/" + large);
    assertThat(get(APP + "/manifests/" + large).status()).isEqualTo(404);
    assertThat(file(large)).exists();
    assertThat(Arrays.stream(data.toFile().list())).doesNotContain("quarantine");
  }
}
