package io.weir.upstream;

import static io.weir.upstream.Harness.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weir.oci.Tag;
import io.weir.testing.ScriptedUpstream;
import io.weir.upstream.UpstreamException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is done about an upstream that does not answer, or not well. */
class FailoverTest {

  private static final Tag TAG = Tag.parse("1");
  private static final String MANIFESTS = "/v2/.*/manifests/.*";

  private final ScriptedUpstream first = ScriptedUpstream.start();
  private final ScriptedUpstream second = ScriptedUpstream.start();
  private final Harness harness = new Harness(first);

  FailoverTest() {
    first.image("library/app", "1", new byte[1000]);
    second.image("library/app", "1", new byte[1000]);
  }

  @AfterEach
  void close() {
    harness.close();
    first.close();
    second.close();
  }

  private static UpstreamException failure(Upstream upstream) {
    return catchThrowableOfType(
        UpstreamException.class, () -> upstream.getManifest(REPOSITORY, TAG));
  }

  private Upstream openBoth() {
    harness.urls = List.of(first.url(), second.url());
    return harness.open();
  }

  @ParameterizedTest
  @ValueSource(ints = {502, 503, 504})
  void aPassingServerErrorIsTriedAgain(int status) {
    first.on("GET", MANIFESTS).times(2).status(status);
    Upstream upstream = harness.open();
    upstream.getManifest(REPOSITORY, TAG);

    assertThat(first.count("GET", MANIFESTS)).isEqualTo(3);
    assertThat(harness.pauses).hasSize(2);
    assertThat(harness.pauses.get(0)).isBetween(Duration.ofMillis(75), Duration.ofMillis(125));
    assertThat(harness.pauses.get(1)).isBetween(Duration.ofMillis(300), Duration.ofMillis(500));
    assertThat(upstream.isFailing()).isFalse();
  }

  @Test
  void afterThreeTriesTheUpstreamIsLeftAloneForAWhile() {
    first.on("GET", MANIFESTS).times(4).status(503, "{\"errors\":[{\"message\":\"no\\nway\"}]}");
    Upstream upstream = harness.open();

    assertThat(failure(upstream)).hasMessage("scripted: answered 503: no way");
    assertThat(upstream.isFailing()).isTrue();
    assertThat(harness.metric("weir_upstream_up", "upstream", "scripted")).isZero();
    assertThat(failure(upstream))
        .hasMessage("scripted: answered 503: no way")
        .extracting(UpstreamException::kind)
        .isEqualTo(Kind.UNAVAILABLE);
    assertThat(first.count("GET", MANIFESTS)).isEqualTo(3);

    harness.clock.advance(Duration.ofSeconds(1));
    upstream.getManifest(REPOSITORY, TAG);
    assertThat(upstream.isFailing()).isFalse();
    assertThat(harness.metric("weir_upstream_up", "upstream", "scripted")).isEqualTo(1);
  }

  @Test
  void aRefusedConnectionSaysSo() {
    first.goOffline();
    Upstream upstream = harness.open();
    assertThat(failure(upstream))
        .hasMessage("scripted: connection refused (127.0.0.1:" + first.port() + ")")
        .extracting(UpstreamException::kind)
        .isEqualTo(Kind.UNAVAILABLE);
    assertThat(harness.pauses).hasSize(2);
    assertThat(
            harness.metric(
                "weir_upstream_requests",
                "upstream",
                "scripted",
                "kind",
                "manifest",
                "status",
                "error"))
        .isEqualTo(3);

    first.goOnline();
    harness.clock.advance(Duration.ofSeconds(1));
    upstream.getManifest(REPOSITORY, TAG);
  }

  /** As when the registry closes an idle connection at the moment in which it is used again. */
  @Test
  void aConnectionThatIsClosedUnderARequestIsReplacedAtOnce() {
    Upstream upstream = harness.open();
    upstream.getManifest(REPOSITORY, TAG);
    first.on("GET", MANIFESTS).times(1).dropConnection();
    upstream.getManifest(REPOSITORY, TAG);
    assertThat(harness.pauses).isEmpty();

    first.on("GET", MANIFESTS).dropConnection();
    assertThat(failure(upstream))
        .hasMessage(
            "scripted: connection closed without an answer (127.0.0.1:" + first.port() + ")");
    assertThat(harness.pauses).hasSize(1);
  }

  @Test
  void aConnectionThatWasClosedWhileIdleIsNotUsed() {
    Upstream upstream = harness.open();
    first.on("GET", MANIFESTS).closeAfterAnswer();
    for (int i = 0; i < 5; i++) {
      upstream.getManifest(REPOSITORY, TAG);
    }
    assertThat(harness.pauses).isEmpty();
  }

  @Test
  void silenceIsNotTriedAgain() {
    harness.response = Duration.ofMillis(50);
    first.on("GET", MANIFESTS).hold(new CountDownLatch(1));
    Upstream upstream = harness.open();
    assertThat(failure(upstream))
        .hasMessage("scripted: no answer within 50 ms (127.0.0.1:" + first.port() + ")")
        .extracting(UpstreamException::kind)
        .isEqualTo(Kind.TIMEOUT);
    assertThat(first.count("GET", MANIFESTS)).isEqualTo(1);
    assertThat(upstream.isFailing()).isTrue();
    assertThat(
            harness.metric(
                "weir_upstream_requests",
                "upstream",
                "scripted",
                "kind",
                "manifest",
                "status",
                "timeout"))
        .isEqualTo(1);
  }

  @Test
  void aManifestThatIsCutOffIsFetchedAgain() {
    first.on("GET", MANIFESTS).times(1).cutAfter(10);
    harness.open().getManifest(REPOSITORY, TAG);
    assertThat(first.count("GET", MANIFESTS)).isEqualTo(2);
  }

  @Test
  void aManifestThatStallsIsGivenUp() {
    harness.stall = Duration.ofMillis(50);
    first.on("GET", MANIFESTS).stallAfter(10, new CountDownLatch(1));
    assertThat(failure(harness.open()))
        .hasMessage("scripted: the body stalled for 50 ms (127.0.0.1:" + first.port() + ")")
        .extracting(UpstreamException::kind)
        .isEqualTo(Kind.TIMEOUT);
  }

  @Test
  void theNextUrlIsAskedWhereOneFails() {
    first.on("GET", MANIFESTS).status(503);
    Upstream upstream = openBoth();
    upstream.getManifest(REPOSITORY, TAG);
    upstream.getManifest(REPOSITORY, TAG);

    assertThat(first.count("GET", MANIFESTS)).isEqualTo(1);
    assertThat(second.count("GET", MANIFESTS)).isEqualTo(2);
    assertThat(harness.pauses).isEmpty();
    assertThat(upstream.isFailing()).isFalse();

    first.behave();
    harness.clock.advance(Duration.ofSeconds(1));
    upstream.getManifest(REPOSITORY, TAG);
    upstream.getManifest(REPOSITORY, TAG);
    assertThat(first.count("GET", MANIFESTS)).isEqualTo(3);
  }

  @Test
  void theFirstUrlThatAnswersAtAllDecides() {
    first.on("GET", MANIFESTS).status(404, "");
    assertThat(failure(openBoth()).kind()).isEqualTo(Kind.NOT_FOUND);
    assertThat(second.requests()).isEmpty();
  }

  @Test
  void whereAllFailTheyAreAllLeftAlone() {
    first.goOffline();
    second.on("GET", MANIFESTS).status(503);
    Upstream upstream = openBoth();
    assertThat(failure(upstream)).hasMessage("scripted: answered 503");
    assertThat(upstream.isFailing()).isTrue();
    assertThat(failure(upstream)).hasMessageContaining("connection refused");
    assertThat(second.count("GET", MANIFESTS)).isEqualTo(3);
  }

  @Test
  void patienceThatIsAskedForIsKept() {
    first
        .on("GET", MANIFESTS)
        .times(1)
        .status(
            429,
            "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"pull limit\"}]}",
            "Retry-After",
            "30");
    Upstream upstream = harness.open();

    UpstreamException limited = failure(upstream);
    assertThat(limited)
        .hasMessage("scripted: answered 429: pull limit")
        .extracting(UpstreamException::kind)
        .isEqualTo(Kind.RATE_LIMITED);
    assertThat(limited.retryAfter()).contains(Duration.ofSeconds(30));

    harness.clock.advance(Duration.ofSeconds(12));
    assertThat(failure(upstream).retryAfter()).contains(Duration.ofSeconds(18));
    assertThat(first.count("GET", MANIFESTS)).isEqualTo(1);
    assertThat(upstream.isFailing()).isFalse();
    assertThat(upstream.tags(REPOSITORY, null, null).content()).isNotEmpty();

    harness.clock.advance(Duration.ofSeconds(18));
    upstream.getManifest(REPOSITORY, TAG);
  }

  /** It may be this manifest alone that the registry trips over. */
  @Test
  void oneInternalErrorDoesNotCloseTheGateForOthers() {
    first.on("GET", MANIFESTS).times(3).status(500);
    Upstream upstream = harness.open();
    for (int i = 0; i < 3; i++) {
      assertThat(upstream.isFailing()).isFalse();
      assertThat(failure(upstream)).hasMessage("scripted: answered 500");
    }
    assertThat(upstream.isFailing()).isTrue();
    assertThat(first.count("GET", MANIFESTS)).isEqualTo(3);
  }

  @Test
  void aRequestThatIsGivenUpIsNotHeldAgainstTheUpstream() throws Exception {
    first.on("GET", MANIFESTS).times(1).hold(new CountDownLatch(1));
    Upstream upstream = harness.open();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var request = threads.submit(() -> upstream.getManifest(REPOSITORY, TAG));
      first.awaitRequests("GET", MANIFESTS, 1);
      request.cancel(true);
    }
    assertThat(upstream.isFailing()).isFalse();
    upstream.getManifest(REPOSITORY, TAG);
  }

  @Test
  void aClosedClientFailsWhatIsUnderWay() throws Exception {
    first.on("GET", MANIFESTS).hold(new CountDownLatch(1));
    Upstream upstream = harness.open();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var request = threads.submit(() -> upstream.getManifest(REPOSITORY, TAG));
      first.awaitRequests("GET", MANIFESTS, 1);
      upstream.close();
      assertThatThrownBy(request::get).hasCauseInstanceOf(UpstreamException.class);
    }
  }
}
