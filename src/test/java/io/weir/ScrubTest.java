package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.integrity.Damage;
import io.weir.integrity.Scrub;
import io.weir.integrity.ScrubProgress;
import io.weir.integrity.ScrubResult;
import io.weir.integrity.WholeScrub;
import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.StoreInvariants;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store that was filled by pulls, then damaged in every way, and what a scrub makes of it. */
@Timeout(120)
class ScrubTest {

  private static final int IMAGES = 10;
  private static final int LAYERS = 8;
  private static final Scrub.Options MENDING = new Scrub.Options(true, OptionalLong.empty());
  private static final Scrub.Options LOOKING = new Scrub.Options(false, OptionalLong.empty());

  @TempDir private Path data;
  private final Random random = new Random(7);
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;
  private final List<Digest> manifests = new ArrayList<>();
  private final List<Digest> blobs = new ArrayList<>();

  @BeforeEach
  void fill() throws Exception {
    weir = start();
    for (int i = 0; i < IMAGES; i++) {
      byte[][] layers = new byte[LAYERS][];
      for (int k = 0; k < LAYERS; k++) {
        layers[k] = new byte[5_000 + random.nextInt(20_000)];
        random.nextBytes(layers[k]);
      }
      ScriptedUpstream.Image image = upstream.image("team/app" + i, "v1", layers);
      assertThat(get("/v2/hub/team/app" + i + "/manifests/v1").status()).isEqualTo(200);
      manifests.add(image.digest());
      blobs.add(image.config());
      blobs.addAll(image.layers());
    }
    for (Digest digest : blobs) {
      assertThat(get(path(digest)).status()).isEqualTo(200);
    }
    restart(); // all is on disk, nothing in memory
    assertThat(StoreInvariants.files(data)).hasSize(IMAGES * (LAYERS + 2));
    upstream.forgetRequests();
  }

  private WeirServer start() throws IOException {
    return WeirServer.in(data).upstream("hub", upstream.url()).start().awaitReconciliation();
  }

  private void restart() throws IOException {
    weir.close();
    weir = start();
  }

  private Http.Answer get(String path) throws IOException {
    return Http.get(weir.port(), path);
  }

  private String path(Digest digest) {
    boolean isManifest = manifests.contains(digest);
    int image = isManifest ? manifests.indexOf(digest) : blobs.indexOf(digest) / (LAYERS + 1);
    return "/v2/hub/team/app%d/%s/%s".formatted(image, isManifest ? "manifests" : "blobs", digest);
  }

  private Path file(Digest digest) {
    return data.resolve("blobs/sha256").resolve(digest.hex());
  }

  /** Damages a file in one of six ways. */
  private void damage(Digest digest, int way) throws IOException {
    byte[] content = Files.readAllBytes(file(digest));
    switch (way % 6) {
      case 0 -> content[content.length / 2] ^= 1;
      case 1 -> content[0] ^= 0x10;
      case 2 -> content[content.length - 1] ^= (byte) 0x80;
      case 3 -> content = Arrays.copyOf(content, content.length - 1);
      case 4 -> content = Arrays.copyOf(content, content.length + 1);
      default -> content = new byte[0];
    }
    Files.write(file(digest), content);
  }

  private Set<Digest> damageAll() throws IOException {
    List<Digest> all = new ArrayList<>(blobs);
    all.addAll(manifests);
    for (int i = 0; i < all.size(); i++) {
      damage(all.get(i), i);
    }
    assertThat(all).hasSize(100);
    return new HashSet<>(all);
  }

  private ScrubResult scrub(Scrub.Options options) {
    return weir.weir().scrub().run(options, new ScrubProgress());
  }

  private void assertAllSound() throws IOException {
    for (Digest digest : StoreInvariants.files(data)) {
      assertThat(digest.algorithm().of(Files.readAllBytes(file(digest)))).isEqualTo(digest);
    }
  }

  @Test
  void aSoundStoreIsFoundSound() {
    ScrubResult result = scrub(MENDING);
    assertThat(result.damaged()).isEmpty();
    assertThat(result.missing()).isZero();
    assertThat(result.blobs()).isEqualTo(100);
    assertThat(result.isComplete()).isTrue();
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void allDamageIsFoundAndMendedByOneRequestEach() throws Exception {
    Set<Digest> damaged = damageAll();
    ScrubResult result = scrub(MENDING);
    assertThat(result.damaged().stream().map(Damage::digest).collect(Collectors.toSet()))
        .isEqualTo(damaged);
    assertThat(result.isSound()).isTrue();
    assertThat(StoreInvariants.files(data)).isEqualTo(damaged);
    assertAllSound();
    for (Digest digest : damaged) {
      assertThat(upstream.count("GET", ".*/" + digest)).as("asked for %s", digest).isOne();
    }
    assertThat(upstream.requests()).hasSize(100);
    assertThat(scrub(MENDING).damaged()).isEmpty();
    for (Digest digest : damaged) {
      assertThat(digest.algorithm().of(get(path(digest)).body())).isEqualTo(digest);
    }
    assertThat(upstream.requests()).hasSize(100);
    weir.close();
    StoreInvariants.check(data);
    weir = start();
  }

  @Test
  void whatIsNotMendedAtOnceIsFetchedByTheNextPull() throws Exception {
    Set<Digest> damaged = damageAll();
    ScrubResult result = scrub(LOOKING);
    assertThat(result.damaged()).hasSize(100).noneMatch(Damage::isMended);
    assertThat(StoreInvariants.files(data)).isEmpty();
    assertThat(upstream.requests()).isEmpty();
    for (Digest digest : damaged) {
      Http.Answer answer = get(path(digest));
      assertThat(answer.whole()).isTrue();
      assertThat(digest.algorithm().of(answer.body())).isEqualTo(digest);
    }
    assertThat(upstream.requests()).hasSize(100);
  }

  @Test
  void whatAnEarlierScrubLeftIsMendedByTheNextThatMends() throws Exception {
    damage(blobs.get(3), 0);
    damage(manifests.get(5), 3);
    Files.delete(file(blobs.get(7)));
    ScrubResult found = scrub(LOOKING);
    assertThat(found.damaged()).hasSize(2);
    assertThat(found.missing()).isOne();
    restart();

    ScrubResult mended = scrub(MENDING);
    assertThat(mended.isSound()).isTrue();
    assertThat(mended.damaged()).hasSize(3);
    assertThat(StoreInvariants.files(data)).hasSize(100);
    assertAllSound();
    assertThat(upstream.requests()).hasSize(3);
    assertThat(scrub(MENDING).damaged()).isEmpty();
  }

  @Test
  void damageThatUpstreamDoesNotMendIsNotServedAndSaysWhy() throws Exception {
    Digest layer = blobs.getLast();
    damage(layer, 0);
    upstream.remove(layer);
    assertThat(scrub(MENDING).damaged())
        .singleElement()
        .satisfies(damage -> {
          assertThat(damage.isMended()).isFalse();
          assertThat(damage.unmended()).contains("hub");
          assertThat(damage.origins()).hasSize(1);
        });
    assertThat(get(path(layer)).status()).isEqualTo(404);
    assertThat(data.resolve("quarantine/sha256-" + layer.hex())).exists();
  }

  /** Clients are answered from memory without a look at the disk: that must not hide the loss. */
  @Test
  void aManifestInMemoryIsStoredAgainWithoutUpstream() throws Exception {
    Digest manifest = manifests.getFirst();
    byte[] content = get(path(manifest)).body();
    damage(manifest, 0);
    assertThat(scrub(LOOKING).damaged()).hasSize(1);
    assertThat(file(manifest)).hasBinaryContent(content);
    assertThat(upstream.requests()).isEmpty();
    restart();
    assertThat(get(path(manifest)).body()).isEqualTo(content);
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void aScrubCanBeCancelled() {
    ScrubProgress progress = new ScrubProgress();
    progress.cancel();
    ScrubResult result = weir.weir().scrub().run(MENDING, progress);
    assertThat(result.isComplete()).isFalse();
    assertThat(result.blobs()).isZero();
  }

  /** The alert on its age fell silent with each restart, and a cancelled one hid what it found. */
  @Test
  void theLastWholeScrubIsRememberedThroughRestartsAndCancelledOnes() throws Exception {
    damage(blobs.getFirst(), 0);
    ScrubResult whole = scrub(MENDING);
    assertThat(whole.isComplete()).isTrue();
    restart();
    ScrubProgress progress = new ScrubProgress();
    progress.cancel();
    assertThat(weir.weir().scrub().run(MENDING, progress).isComplete()).isFalse();

    WholeScrub last = weir.weir().scrub().lastWhole().orElseThrow();
    assertThat(last.found()).isEqualTo(whole.whole());
    assertThat(last.found().damaged() + last.found().missing()).isEqualTo(1);
    assertThat(last.endedAt()).isEqualTo(whole.endedAt().truncatedTo(ChronoUnit.MILLIS));
    String metrics = Http.get(weir.adminPort(), "/metrics").text();
    assertThat(metrics)
        .contains("\nweir_scrub_last_run_timestamp_seconds ")
        .contains("\nweir_scrub_last_damaged_blobs %s.0\n".formatted(last.found().damaged()));
    assertThat(Http.get(weir.adminPort(), "/api/v1/status").text())
        .contains("\"lastScrub\":{\"ended\":");
  }

  @Test
  void whereNoneCameToTheEndThereIsNone() throws IOException {
    assertThat(weir.weir().scrub().lastWhole()).isEmpty();
    assertThat(Http.get(weir.adminPort(), "/metrics").text()).doesNotContain("\nweir_scrub_");
  }

  /** An upstream that answers slowly must not keep the server from ending. */
  @Test
  void closingTheServerEndsAScrubThatWaitsForUpstream() throws Exception {
    weir.close();
    damage(blobs.getLast(), 0);
    CountDownLatch never = new CountDownLatch(1);
    upstream.on("GET", ".*/" + blobs.getLast()).hold(never);
    weir =
        WeirServer.in(data)
            .timeouts(Duration.ofMinutes(10), Duration.ofMinutes(10), Duration.ofMinutes(10))
            .upstream("hub", upstream.url())
            .scrub(new Config.Scrub(Duration.ofDays(1), 1 << 30, false))
            .start();
    Instant end = Instant.now().plusSeconds(20);
    while (upstream.count("GET", ".*/" + blobs.getLast()) == 0) {
      assertThat(Instant.now()).isBefore(end);
      Thread.onSpinWait();
    }
    weir.close();
    assertThat(Instant.now()).isBefore(end.plusSeconds(10));
    never.countDown();
    weir = start();
  }

  @Test
  void theBackgroundMendsByItself() throws Exception {
    weir.close();
    Set<Digest> damaged = damageAll();
    weir =
        WeirServer.in(data)
            .upstream("hub", upstream.url())
            .scrub(new Config.Scrub(Duration.ofDays(1), 1 << 30, false))
            .start();
    Instant end = Instant.now().plusSeconds(60);
    while (weir.weir().scrub().lastWhole().isEmpty()) {
      assertThat(Instant.now()).isBefore(end);
      Thread.onSpinWait();
    }
    assertThat(scrub(MENDING).isSound()).as("also what the reconciliation found").isTrue();
    assertAllSound();
    for (Digest digest : damaged) {
      assertThat(digest.algorithm().of(get(path(digest)).body())).isEqualTo(digest);
    }
  }
}
