package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.TagsConfig;
import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Upstream's trouble is not the client's; and what cannot be answered says truly why, soon. */
class UpstreamTroubleTest {

  private static final String APP = "/v2/hub/team/app";
  private static final String BLOBS = ".*/blobs/.*";

  @TempDir private Path data;
  private final FakeClock clock = new FakeClock();
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;

  @BeforeEach
  void start() throws IOException {
    weir = serve(TagsConfig.StaleIfError.ALWAYS);
  }

  private WeirServer serve(TagsConfig.StaleIfError staleIfError) throws IOException {
    return WeirServer.in(data)
        .clock(clock)
        .tags(Duration.ofMinutes(1), staleIfError)
        .timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1))
        .upstream("hub", upstream.url())
        .start();
  }

  private Http.Answer get(String path) throws IOException {
    return Http.get(weir.port(), path);
  }

  private static byte[] random(int size, long seed) {
    byte[] content = new byte[size];
    new Random(seed).nextBytes(content);
    return content;
  }

  private List<Path> storedFiles() throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve("blobs"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "401, 403, DENIED",
    "403, 403, DENIED",
    "404, 404, MANIFEST_UNKNOWN",
    "429, 429, TOOMANYREQUESTS",
    "500, 502, UNAVAILABLE",
    "503, 502, UNAVAILABLE",
    "418, 502, UNAVAILABLE",
  })
  void aFailureKeepsItsMeaning(int theirs, int ours, String code) throws IOException {
    upstream.on("*", ".*/manifests/.*").status(theirs, "no", "Retry-After", "7");
    Http.Answer answer = get(APP + "/manifests/v1");
    assertThat(answer.status()).isEqualTo(ours);
    assertThat(answer.text()).contains("\"code\":\"" + code + "\"").contains("hub");
    assertThat(answer.headers()).doesNotContainKey("www-authenticate");
    if (theirs == 429) {
      assertThat(answer.header("Retry-After")).isEqualTo("7");
    }
    assertThat(storedFiles()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "401, 403, DENIED",
    "403, 403, DENIED",
    "404, 404, BLOB_UNKNOWN",
    "429, 429, TOOMANYREQUESTS",
    "500, 502, UNAVAILABLE",
    "503, 502, UNAVAILABLE",
  })
  void aFailureOfABlobKeepsItsMeaningToo(int theirs, int ours, String code) throws IOException {
    Digest digest = upstream.putBlob(random(1000, 1));
    upstream.on("*", BLOBS).status(theirs, "no", "Retry-After", "7");
    Http.Answer answer = get(APP + "/blobs/" + digest);
    assertThat(answer.status()).isEqualTo(ours);
    assertThat(answer.text()).contains("\"code\":\"" + code + "\"");
    assertThat(storedFiles()).isEmpty();
  }

  @Test
  void htmlInPlaceOfContentIsRefusedAndNotStored() throws IOException {
    Digest digest = upstream.putBlob(random(1000, 1));
    upstream.on("*", ".*/(manifests|blobs)/.*").html();
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(502);
    assertThat(get(APP + "/blobs/" + digest).status()).isEqualTo(502);
    assertThat(storedFiles()).isEmpty();
  }

  @Test
  void aManifestOfMoreThan4MiBIsRefusedWithAClearError() throws IOException {
    upstream
        .on("GET", ".*/manifests/.*")
        .answer("application/json", new byte[Manifest.SIZE_BYTES_MAX + 1]);
    Http.Answer answer = get(APP + "/manifests/v1");
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.text())
        .contains("SIZE_INVALID")
        .contains("hub: the manifest is larger than 4 MiB");
    assertThat(storedFiles()).isEmpty();
  }

  @Test
  void anUpstreamThatDoesNotAnswerIs504InBoundedTime() throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    upstream.on("*", ".*/manifests/.*").hold(never);
    Instant begun = Instant.now();
    Http.Answer answer = get(APP + "/manifests/v1");
    assertThat(answer.status()).isEqualTo(504);
    assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(5));
    never.countDown();
  }

  @Test
  void quickRetriesOfAMissAreAnsweredFromMemoryForAMoment() throws IOException {
    assertThat(get(APP + "/manifests/sha256-signature").status()).isEqualTo(404);
    int asked = upstream.requests().size();
    for (int i = 0; i < 5; i++) {
      assertThat(get(APP + "/manifests/sha256-signature").status()).isEqualTo(404);
    }
    assertThat(upstream.requests()).hasSize(asked);
    clock.advance(Duration.ofSeconds(6));
    upstream.image("team/app", "sha256-signature", random(10, 1));
    assertThat(get(APP + "/manifests/sha256-signature").status()).isEqualTo(200);
  }

  @Test
  void aStoppedUpstreamIsNoticedOnceAndWhatIsCachedAnswersAtOnce() throws Exception {
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", random(10_000, 1));
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(200);
    assertThat(get(APP + "/blobs/" + image.layers().getFirst()).status()).isEqualTo(200);
    upstream.goOffline();
    clock.advance(Duration.ofMinutes(2));

    Http.Answer stale = get(APP + "/manifests/v1");
    assertThat(stale.body()).isEqualTo(image.manifest());
    assertThat(stale.header("Cache-Status"))
        .isEqualTo("weir; hit; ttl=-60; detail=\"stale-if-error\"");
    assertThat(get(APP + "/manifests/" + image.digest()).header("Cache-Status"))
        .isEqualTo("weir; hit");
    assertThat(get(APP + "/blobs/" + image.layers().getFirst()).header("Cache-Status"))
        .isEqualTo("weir; hit");
    Instant begun = Instant.now();
    for (int i = 0; i < 20; i++) {
      assertThat(get(APP + "/manifests/v1").status()).isEqualTo(200);
      assertThat(get(APP + "/manifests/v" + (i + 2)).status()).isEqualTo(502);
    }
    assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(5));

    upstream.goOnline();
    clock.advance(Duration.ofMinutes(2));
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(200);
    upstream.awaitRequests("HEAD", ".*/manifests/v1", 1);
  }

  /**
   * Whoever waits for a registry that takes requests and never answers gets nowhere; the cached tag
   * is at hand.
   */
  @Test
  void aHungUpstreamDelaysACachedTagByLittle() throws IOException {
    weir.close();
    weir =
        WeirServer.in(data)
            .clock(clock)
            .timeouts(Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofSeconds(60))
            .upstream("hub", upstream.url())
            .start();
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", random(10, 1));
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(200);
    clock.advance(Duration.ofMinutes(2));
    CountDownLatch never = new CountDownLatch(1);
    upstream.on("*", ".*/manifests/.*").hold(never);
    Instant begun = Instant.now();
    Http.Answer stale = get(APP + "/manifests/v1");
    assertThat(stale.body()).isEqualTo(image.manifest());
    assertThat(stale.header("Cache-Status")).contains("stale-if-error");
    assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(20));
    never.countDown();
  }

  @Test
  void staleAnswersEndWhereTheConfigurationSays() throws IOException {
    weir.close();
    weir = serve(new TagsConfig.StaleIfError(Duration.ofHours(1)));
    upstream.image("team/app", "v1", random(10, 1));
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(200);
    upstream.goOffline();
    clock.advance(Duration.ofMinutes(59));
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(200);
    clock.advance(Duration.ofMinutes(2));
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(502);
  }

  @Test
  void itStartsWhileUpstreamIsGoneAndServesWhatItHas() throws IOException {
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", random(10, 1));
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(200);
    weir.close();
    upstream.goOffline();
    clock.advance(Duration.ofDays(30));
    weir = serve(TagsConfig.StaleIfError.ALWAYS);
    assertThat(get(APP + "/manifests/v1").body()).isEqualTo(image.manifest());
  }

  @Test
  void aTagListAndReferrersOutliveTheirUpstream() throws IOException {
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", random(10, 1));
    upstream.tag("team/app", "v2", image.digest());
    String tags = "{\"name\":\"hub/team/app\",\"tags\":[\"v1\",\"v2\"]}";
    assertThat(get(APP + "/tags/list").text()).isEqualTo(tags);
    String referrers = get(APP + "/referrers/" + image.digest()).text();
    assertThat(referrers)
        .contains("\"manifests\":[]")
        .contains("\"schemaVersion\":2")
        .contains("\"mediaType\"");
    upstream.goOffline();
    clock.advance(Duration.ofMinutes(2));
    Http.Answer stale = get(APP + "/tags/list");
    assertThat(stale.text()).isEqualTo(tags);
    assertThat(stale.header("Cache-Status")).contains("stale-if-error");
    assertThat(get(APP + "/referrers/" + image.digest()).text()).isEqualTo(referrers);
    assertThat(get("/v2/hub/other/app/tags/list").status()).isEqualTo(502);
  }

  @Test
  void aTransferThatIsCutTwiceArrivesWholeByWayOfRanges() throws IOException {
    byte[] content = random(3_000_000, 7);
    Digest digest = upstream.putBlob(content);
    upstream.on("GET", BLOBS).cutAfter(700_000).times(2);
    Http.Answer answer = get(APP + "/blobs/" + digest);
    assertThat(answer.whole()).isTrue();
    assertThat(answer.body()).isEqualTo(content);
    List<String> ranges =
        upstream.requests("GET", BLOBS).stream()
            .map(r -> r.header("range").orElse("none"))
            .toList();
    assertThat(ranges).hasSize(3);
    assertThat(ranges.getFirst()).isEqualTo("none");
    assertThat(ranges.subList(1, 3)).allMatch(range -> range.matches("bytes=[1-9][0-9]+-"));
    assertThat(upstream.bodyBytes()).as("no byte crossed twice").isLessThan(content.length + 1000L);
  }

  @Test
  void anUpstreamThatIgnoresRangesIsReadPastWhatIsKnown() throws IOException {
    byte[] content = random(2_000_000, 8);
    Digest digest = upstream.putBlob(content);
    upstream.on("GET", BLOBS).ignoreRange();
    upstream.on("GET", BLOBS).cutAfter(1_000_000).times(1);
    Http.Answer answer = get(APP + "/blobs/" + digest);
    assertThat(answer.body()).isEqualTo(content);
  }

  @Test
  void aStallInTheMiddleIsResumed() throws IOException {
    byte[] content = random(2_000_000, 9);
    Digest digest = upstream.putBlob(content);
    CountDownLatch never = new CountDownLatch(1);
    upstream.on("GET", BLOBS).stallAfter(1_000_000, never).times(1);
    assertThat(get(APP + "/blobs/" + digest).body()).isEqualTo(content);
    never.countDown();
  }

  @Test
  void oneWrongByteIsNeverPassedOnAsAWholeBlobNorStored() throws IOException {
    for (int offset : new int[] {0, 1_000_000, 1_999_999}) {
      byte[] content = random(2_000_000, offset + 100);
      Digest digest = upstream.putBlob(content);
      upstream.on("GET", BLOBS).corruptByteAt(offset);
      Http.Answer answer = get(APP + "/blobs/" + digest);
      assertThat(answer.status() == 502 || !answer.whole())
          .as("refused, or cut short: %d", offset)
          .isTrue();
      assertThat(storedFiles()).doesNotContain(data.resolve("blobs/sha256").resolve(digest.hex()));
      upstream.behave();
      Http.Answer mended = get(APP + "/blobs/" + digest);
      assertThat(mended.whole()).isTrue();
      assertThat(mended.body()).isEqualTo(content);
    }
  }

  @Test
  void aSmallWrongBlobAndAWrongManifestAreNotPassedOnEither() throws IOException {
    ScriptedUpstream.Image image =
        upstream.image("team/app", "v1", "small".getBytes(StandardCharsets.UTF_8));
    upstream.on("GET", ".*").corruptByteAt(2);
    Http.Answer blob = get(APP + "/blobs/" + image.layers().getFirst());
    assertThat(blob.status() == 502 || !blob.whole()).as("refused, or cut short").isTrue();
    assertThat(get(APP + "/manifests/" + image.digest()).status()).isEqualTo(502);
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(502);
    assertThat(storedFiles()).isEmpty();
  }

  @Test
  void aTransferThatCannotBeMendedBreaksTheConnectionAndIsGoneOnWithLater() throws IOException {
    byte[] content = random(3_000_000, 11);
    Digest digest = upstream.putBlob(content);
    upstream.on("GET", BLOBS).cutAfter(1_000_000).times(1);
    try (Http.Stream client = Http.open(weir.port(), "GET", APP + "/blobs/" + digest)) {
      assertThat(client.status()).isEqualTo(200);
      upstream.remove(digest);
      assertThat(client.readToEnd().length).isLessThan(content.length);
      assertThat(client.whole()).isFalse();
    }
    upstream.putBlob(content);
    upstream.forgetRequests();
    clock.advance(Duration.ofMinutes(1));
    assertThat(get(APP + "/blobs/" + digest).body()).isEqualTo(content);
    assertThat(upstream.requests("GET", BLOBS).getFirst().header("range").orElse(""))
        .matches("bytes=[1-9][0-9]*-");
  }

  @Test
  void theNextUrlTakesOverInTheMiddleOfABlob() throws IOException {
    weir.close();
    byte[] content = random(3_000_000, 12);
    Digest digest = upstream.putBlob(content);
    try (ScriptedUpstream second = ScriptedUpstream.start()) {
      second.putBlob(content);
      weir = WeirServer.in(data).clock(clock).upstream("hub", upstream.url(), second.url()).start();
      upstream.on("GET", BLOBS).cutAfter(1_000_000);
      assertThat(get(APP + "/blobs/" + digest).body()).isEqualTo(content);
      assertThat(second.requests("GET", BLOBS)).isNotEmpty();
      assertThat(second.requests("GET", BLOBS).getFirst().header("range").orElse(""))
          .startsWith("bytes=");
    }
  }

  @Test
  void anUpstreamThatRefusesHeadIsAskedWithGet() throws IOException {
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", random(10_000, 1));
    upstream.on("HEAD", ".*").status(405);
    assertThat(get(APP + "/manifests/v1").status()).isEqualTo(200);
    clock.advance(Duration.ofMinutes(2));
    Http.Answer again = get(APP + "/manifests/v1");
    assertThat(again.body()).isEqualTo(image.manifest());
    assertThat(again.header("Cache-Status")).isEqualTo("weir; fwd=stale; fwd-status=200");
    Http.Answer head = Http.head(weir.port(), APP + "/blobs/" + image.layers().getFirst());
    assertThat(head.header("Content-Length")).isEqualTo("10000");
  }
}
