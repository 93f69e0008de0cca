package io.weir.upstream;

import static io.weir.upstream.Harness.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.oci.Digest;
import io.weir.oci.Tag;
import io.weir.testing.ScriptedUpstream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is remembered of how an upstream is, and what asking it now changes. */
class UpstreamHealthTest {

  private static final Tag TAG = Tag.parse("1");
  private static final String MANIFESTS = "/v2/.*/manifests/.*";

  @AutoClose private final ScriptedUpstream registry = ScriptedUpstream.start();
  @AutoClose private final Harness harness = new Harness(registry);
  private Digest layer;

  @BeforeEach
  void fill() {
    layer = registry.image("library/app", "1", new byte[100_000]).layers().getFirst();
  }

  private static void failingPull(Upstream upstream) {
    assertThatThrownBy(() -> upstream.getManifest(REPOSITORY, TAG))
        .isInstanceOf(UpstreamException.class);
  }

  private static String reason(Upstream upstream) {
    return upstream.health().lastError().map(UpstreamHealth.Failure::reason).orElse("");
  }

  @Test
  void beforeItWasAskedNothingIsKnown() {
    assertThat(harness.open().health())
        .isEqualTo(new UpstreamHealth(Optional.empty(), Optional.empty(), Optional.empty()));
  }

  @Test
  void anAnswerIsRememberedAndThatSomethingDoesNotExistIsOne() {
    Upstream upstream = harness.open();
    upstream.getManifest(REPOSITORY, TAG);
    assertThat(upstream.health().lastAnswer()).contains(harness.clock.instant());

    harness.clock.advance(Duration.ofMinutes(1));
    assertThatThrownBy(() -> upstream.getManifest(REPOSITORY, Tag.parse("2")))
        .isInstanceOf(UpstreamException.class);

    assertThat(upstream.health().lastAnswer()).contains(harness.clock.instant());
    assertThat(upstream.health().lastError()).isEmpty();
  }

  @Test
  void aFailureIsRememberedAlsoWhenAllIsWellAgain() {
    registry.on("GET", MANIFESTS).times(3).status(503, "{\"errors\":[{\"message\":\"no way\"}]}");
    Upstream upstream = harness.open();
    Instant failed = harness.clock.instant();
    failingPull(upstream);
    assertThat(upstream.health().lastAnswer()).isEmpty();

    harness.clock.advance(Duration.ofMinutes(1));
    upstream.getManifest(REPOSITORY, TAG);

    assertThat(upstream.health().lastError())
        .contains(new UpstreamHealth.Failure("scripted: answered 503: no way", failed));
    assertThat(upstream.health().lastAnswer()).contains(harness.clock.instant());
  }

  @Test
  void aBodyThatBreaksIsAFailure() {
    registry.on("GET", "/v2/.*/blobs/.*").cutAfter(1000);
    Upstream upstream = harness.open();
    try (RemoteBlob blob = upstream.openBlob(REPOSITORY, layer, 0, -1)) {
      assertThatThrownBy(() -> Harness.readAll(blob)).isInstanceOf(UpstreamException.class);
    }

    assertThat(reason(upstream)).startsWith("scripted: ").contains("after 1000 bytes");
  }

  @Test
  void aRefusalIsRememberedWithoutTheSecretThatItRepeats() {
    registry
        .on("GET", MANIFESTS)
        .status(403, "{\"errors\":[{\"message\":\"s3cret is not good enough\"}]}");
    registry.auth().basic("me", "s3cret");
    Upstream upstream = harness.login("me", "s3cret").open();
    upstream.ping();
    failingPull(upstream);

    assertThat(reason(upstream)).isEqualTo("scripted: answered 403");
    assertThat(upstream.health().toString()).doesNotContain("s3cret");
  }

  @Test
  void aRateLimitIsRememberedUntilItsWindowHasPassed() {
    registry
        .on("GET", MANIFESTS)
        .header("ratelimit-limit", "100;w=21600")
        .header("ratelimit-remaining", "76;w=21600");
    Upstream upstream = harness.open();
    upstream.getManifest(REPOSITORY, TAG);
    upstream.ping(); // which says nothing of it

    Optional<Duration> window = Optional.of(Duration.ofHours(6));
    Instant reset = harness.clock.instant().plus(window.get());
    assertThat(upstream.health().rateLimit())
        .contains(new RateLimit(Optional.of(100L), Optional.of(76L), window, Optional.of(reset)));
    harness.clock.advance(window.get().minusSeconds(1));
    assertThat(upstream.health().rateLimit().orElseThrow().remaining()).contains(76L);
    harness.clock.advance(Duration.ofSeconds(1));
    assertThat(upstream.health().rateLimit())
        .contains(new RateLimit(Optional.of(100L), Optional.empty(), window, Optional.empty()));

    upstream.getManifest(REPOSITORY, TAG);
    assertThat(upstream.health().rateLimit().orElseThrow().remaining()).contains(76L);
  }

  // Asking now.

  @Test
  void whereItAnswersPullsGoOnAtOnce() {
    Upstream upstream = harness.open();
    registry.goOffline();
    failingPull(upstream);
    registry.goOnline();
    failingPull(upstream);
    assertThat(upstream.isFailing()).as("it is left alone for a second").isTrue();

    assertThat(upstream.check()).isEmpty();

    upstream.getManifest(REPOSITORY, TAG);
    assertThat(harness.metric("weir_upstream_up", "upstream", "scripted")).isEqualTo(1);
  }

  @Test
  void whereItDoesNotItIsNotLeftAloneForLonger() {
    Upstream upstream = harness.open();
    registry.goOffline();
    failingPull(upstream);
    for (int i = 0; i < 5; i++) {
      assertThat(upstream.check()).get().asString().contains("connection refused");
    }
    registry.goOnline();

    harness.clock.advance(Duration.ofSeconds(1));
    upstream.getManifest(REPOSITORY, TAG);
  }

  @Test
  void whoIsNobodyThereIsContentWithAnyAnswer() {
    registry.auth().basic("me", "s3cret");

    assertThat(harness.open().check()).isEmpty();
    assertThat(harness.login("me", "s3cret").open().check()).isEmpty();
    assertThat(harness.login("me", "guess").open().check())
        .get()
        .asString()
        .startsWith("scripted: ")
        .doesNotContain("guess");
  }
}
