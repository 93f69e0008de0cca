package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.TagsConfig;
import io.weir.integrity.Scrub;
import io.weir.integrity.ScrubProgress;
import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.LogLines;
import io.weir.testing.RecordedRequest;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.TraceCollector;
import io.weir.testing.TraceCollector.Span;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Await;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Traces, as a collector gets them. A server that closes has sent all it has. */
@Timeout(60)
class TracingTest {

  private static final String MANIFEST = "/v2/{name}/manifests/{reference}";
  private static final String BLOB = "/v2/{name}/blobs/{digest}";
  private static final String APP = "/v2/hub/team/app";

  /** What a client's own trace says of itself in a request. */
  private static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

  private static final String CLIENT_SPAN = "b7ad6b7169203331";
  private static final String RECORDED = "traceparent: 00-" + TRACE_ID + '-' + CLIENT_SPAN + "-01";
  private static final String NOT_RECORDED =
      "traceparent: 00-" + TRACE_ID + '-' + CLIENT_SPAN + "-00";

  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir private Path data;
  @AutoClose private final TraceCollector collector = TraceCollector.start();
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final ScriptedUpstream elsewhere = ScriptedUpstream.start();

  private WeirServer.Builder weir() {
    return WeirServer.in(data).prefetch(4).tracing(collector.url()).upstream("hub", upstream.url());
  }

  private static Http.Answer get(WeirServer weir, String path, String... headers)
      throws IOException {
    return Http.get(weir.port(), path, headers);
  }

  private static Span only(List<Span> spans) {
    assertThat(spans).hasSize(1);
    return spans.getFirst();
  }

  @Test
  void aPullIsAPartOfItsClientsTraceAndTheRequestsUpstreamAreBelowIt() throws IOException {
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", new byte[9000]);
    elsewhere.auth().tokens(() -> "t0ken");
    upstream.auth().bearer().realm(elsewhere.url("/token").toString()).accept("t0ken");
    try (WeirServer weir = weir().prefetch(0).start()) {
      get(weir, APP + "/manifests/v1", RECORDED, "tracestate: vendor=x", "tracestate: other=y");
    }

    Span request = only(collector.spans("SERVER", "GET " + MANIFEST));
    assertThat(request.traceId()).isEqualTo(TRACE_ID);
    assertThat(request.parentId()).isEqualTo(CLIENT_SPAN);
    assertThat(request.traceState()).isEqualTo("vendor=x,other=y");
    assertThat(request.isError()).isFalse();
    assertThat(request.resource()).containsEntry("service.name", "weir");
    assertThat(request.attributes())
        .containsEntry("http.request.method", "GET")
        .containsEntry("http.route", MANIFEST)
        .containsEntry("http.response.status_code", 200L)
        .containsEntry("http.response.body.size", (long) image.manifest().length)
        .containsEntry("url.scheme", "http")
        .containsEntry("url.path", APP + "/manifests/v1")
        .containsEntry("server.address", "127.0.0.1")
        .containsKey("server.port")
        .containsEntry("client.address", "127.0.0.1")
        .containsEntry("network.protocol.version", "1.1")
        .containsEntry("weir.upstream", "hub")
        .containsEntry("weir.repository", "team/app")
        .containsEntry("weir.reference", "v1")
        .containsEntry("weir.outcome", "miss")
        .containsEntry("weir.cache_status", "weir; fwd=uri-miss; stored");

    List<Span> calls = collector.below(request);
    assertThat(calls).extracting(Span::kind).containsOnly("CLIENT");
    assertThat(calls)
        .extracting(Span::name)
        .containsExactly("GET " + MANIFEST, "GET", "GET " + MANIFEST);
    assertThat(calls)
        .extracting(span -> span.text("http.response.status_code"))
        .containsExactly("401", "200", "200");
    assertThat(calls)
        .extracting(span -> span.text("http.request.resend_count"))
        .containsExactly("", "", "1");
    assertThat(calls).extracting(Span::isError).containsExactly(true, false, false);
    assertThat(calls.get(1).attributes())
        .containsEntry("url.full", elsewhere.url("/token").toString())
        .containsEntry("server.port", (long) elsewhere.port())
        .containsEntry("weir.upstream", "hub");
    assertThat(calls.getLast().attributes())
        .containsEntry("http.response.body.size", (long) image.manifest().length)
        .containsEntry("url.template", MANIFEST);

    List<RecordedRequest> seen = upstream.requests("GET", ".*/manifests/.*");
    assertThat(seen)
        .extracting(asked -> asked.header("traceparent").orElse(""))
        .containsExactly(traceparent(calls.getFirst()), traceparent(calls.getLast()));
    assertThat(seen.getFirst().header("tracestate")).contains("vendor=x,other=y");
    assertThat(elsewhere.requests().getFirst().headers())
        .as("a token service is somebody else")
        .doesNotContainKeys("traceparent", "tracestate");
  }

  private static String traceparent(Span parent) {
    return "00-" + parent.traceId() + '-' + parent.id() + "-01";
  }

  @Test
  void aBlobsFetchIsBelowTheRequestThatBeganItAndEachRedirectBelowTheFetch() throws IOException {
    byte[] content = new byte[9000];
    Digest layer = upstream.image("team/app", "v1", content).layers().getFirst();
    elsewhere.on("GET", "/bytes").answer("application/octet-stream", content);
    upstream
        .on("GET", ".*/blobs/.*")
        .redirectTo(elsewhere.url("/bytes?X-Amz-Signature=s3cret").toString());
    try (WeirServer weir = weir().start()) {
      assertThat(get(weir, APP + "/blobs/" + layer).body()).isEqualTo(content);
    }

    Span request = only(collector.spans("SERVER", "GET " + BLOB));
    assertThat(request.parentId()).isEmpty();
    Span fetch = only(collector.below(request));
    assertThat(fetch.name()).isEqualTo("fetch");
    assertThat(fetch.kind()).isEqualTo("INTERNAL");
    assertThat(fetch.attributes())
        .containsEntry("weir.upstream", "hub")
        .containsEntry("weir.repository", "team/app")
        .containsEntry("weir.reference", layer.toString());
    List<Span> calls = collector.below(fetch);
    assertThat(calls).extracting(Span::name).containsExactly("GET " + BLOB, "GET");
    assertThat(calls)
        .extracting(span -> span.text("http.response.status_code"))
        .containsExactly("307", "200");
    assertThat(calls.getLast().attributes())
        .containsEntry("http.request.resend_count", 1L)
        .containsEntry("http.response.body.size", 9000L)
        .containsEntry("url.full", elsewhere.url("/bytes").toString());
    assertThat(collector.spans()).extracting(Span::traceId).containsOnly(request.traceId());
    assertThat(upstream.requests().getFirst().header("traceparent").orElse(""))
        .startsWith("00-" + request.traceId() + '-' + calls.getFirst().id());
    assertThat(elsewhere.requests().getFirst().headers()).doesNotContainKey("traceparent");
    assertThat(collector.spans().toString()).doesNotContain("s3cret");
  }

  @Test
  void whoJoinsAFetchIsLinkedToIt() throws Exception {
    Digest layer = upstream.image("team/app", "v1", new byte[20_000]).layers().getFirst();
    CountDownLatch goOn = new CountDownLatch(1);
    upstream.on("GET", ".*/blobs/.*").stallAfter(10_000, goOn);
    try (WeirServer weir = weir().start();
        Http.Stream first = Http.open(weir.port(), "GET", APP + "/blobs/" + layer);
        Http.Stream second = Http.open(weir.port(), "GET", APP + "/blobs/" + layer)) {
      goOn.countDown();
      assertThat(first.readToEnd()).hasSize(20_000);
      assertThat(second.readToEnd()).hasSize(20_000);
    }

    Span fetch = only(collector.spans("INTERNAL", "fetch"));
    List<Span> requests = collector.spans("SERVER", "GET " + BLOB);
    assertThat(requests)
        .extracting(span -> span.text("weir.outcome"))
        .containsExactly("miss", "collapsed");
    assertThat(fetch.parentId()).isEqualTo(requests.getFirst().id());
    assertThat(requests.getFirst().links()).isEmpty();
    assertThat(requests.getLast().links()).containsExactly(fetch.id());
    assertThat(requests.getLast().traceId()).isNotEqualTo(fetch.traceId());
  }

  @Test
  void whatIsFetchedAheadHasATraceOfItsOwnThatIsLinkedToTheManifests() throws IOException {
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", new byte[100]);
    try (WeirServer weir = weir().start()) {
      get(weir, APP + "/manifests/v1", RECORDED);
      awaitStored(image.config());
      awaitStored(image.layers().getFirst());
    }

    Span request = only(collector.spans("SERVER", "GET " + MANIFEST));
    List<Span> fetches = collector.spans("INTERNAL", "fetch");
    assertThat(fetches).hasSize(2);
    assertThat(fetches)
        .allSatisfy(fetch -> {
          assertThat(fetch.parentId()).isEmpty();
          assertThat(fetch.traceId()).isNotEqualTo(TRACE_ID);
          assertThat(fetch.links()).containsExactly(request.id());
          assertThat(collector.below(fetch)).hasSize(1);
        });
  }

  private void awaitStored(Digest blob) {
    Path file = file(blob);
    Instant end = Instant.now().plusSeconds(20);
    while (!Files.exists(file)) {
      assertThat(Instant.now()).as("%s is fetched ahead", blob).isBefore(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private Path file(Digest blob) {
    return data.resolve("blobs").resolve("sha256").resolve(blob.hex());
  }

  @Test
  void aTagIsConfirmedBelowItsRequest() throws IOException {
    upstream.image("team/app", "v1", new byte[100]);
    try (WeirServer weir = refreshing().start()) {
      get(weir, APP + "/manifests/v1");
      get(weir, APP + "/manifests/v1");
    }

    Span confirmed = collector.spans("SERVER", "GET " + MANIFEST).getLast();
    assertThat(confirmed.text("weir.outcome")).isEqualTo("revalidated");
    Span check = only(collector.below(confirmed));
    assertThat(check.name()).isEqualTo("check");
    assertThat(check.kind()).isEqualTo("INTERNAL");
    assertThat(check.isError()).isFalse();
    assertIsAbout(check, "v1");
    assertThat(only(collector.below(check)).name()).isEqualTo("HEAD " + MANIFEST);
  }

  /** While an upstream fails nobody waits for it. */
  @Test
  void aCheckThatItsRequestDoesNotWaitForHasATraceOfItsOwn() throws IOException {
    upstream.image("team/app", "v1", new byte[100]);
    try (WeirServer weir = refreshing().start()) {
      get(weir, APP + "/manifests/v1");
      upstream.goOffline();
      get(weir, APP + "/manifests/v1"); // finds out
      assertThat(get(weir, APP + "/manifests/v1").header("cache-status")).contains("stale");
      // It may come after all else, and a server that closes does not wait for it.
      assertThat(Await.until(LIMIT, () -> collector.spans("INTERNAL", "check").size() == 2))
          .isTrue();
    }

    Span stale = collector.spans("SERVER", "GET " + MANIFEST).getLast();
    assertThat(collector.below(stale)).isEmpty();
    Span check = collector.spans("INTERNAL", "check").getLast();
    assertThat(check.parentId()).isEmpty();
    assertThat(check.traceId()).isNotEqualTo(stale.traceId());
    assertThat(check.links()).containsExactly(stale.id());
    assertThat(check.text("error.type")).isEqualTo("unavailable");
  }

  /** A server that asks upstream each time what a tag is. */
  private WeirServer.Builder refreshing() {
    return WeirServer.in(data)
        .tracing(collector.url())
        .tags(Duration.ZERO, TagsConfig.StaleIfError.ALWAYS)
        .upstream("hub", upstream.url());
  }

  private static void assertIsAbout(Span span, String reference) {
    assertThat(span.attributes())
        .containsEntry("weir.upstream", "hub")
        .containsEntry("weir.repository", "team/app")
        .containsEntry("weir.reference", reference);
  }

  @Test
  void eachImageThatIsFetchedAheadOfNeedHasATrace() throws IOException {
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", new byte[9000]);
    try (WeirServer weir = weir().start()) {
      warm(weir, "hub/team/app:v1", "hub/team/app:none");
    }

    List<Span> images = collector.spans("INTERNAL", "warm");
    assertThat(images).hasSize(2).allSatisfy(span -> assertThat(span.parentId()).isEmpty());
    assertThat(images.getFirst().traceId()).isNotEqualTo(images.getLast().traceId());
    Span warm = images.stream().filter(span -> !span.isError()).findFirst().orElseThrow();
    assertIsAbout(warm, "v1");
    List<Span> steps = collector.below(warm);
    assertThat(steps).extracting(Span::name).containsExactly("GET " + MANIFEST, "fetch", "fetch");
    assertThat(steps.stream().filter(step -> step.name().equals("fetch")))
        .allSatisfy(
            fetch -> assertThat(only(collector.below(fetch)).name()).isEqualTo("GET " + BLOB))
        .extracting(fetch -> fetch.text("weir.reference"))
        .containsExactlyInAnyOrder(image.config().toString(), image.layers().getFirst().toString());
    Span missing = images.stream().filter(Span::isError).findFirst().orElseThrow();
    assertIsAbout(missing, "none");
    assertThat(missing.text("error.type")).isEqualTo("incomplete");
    assertThat(only(collector.below(missing)).text("http.response.status_code")).isEqualTo("404");
  }

  /** Returns when it is done. */
  private static void warm(WeirServer weir, String... images) throws IOException {
    String order =
        "{\"kind\": \"warm\", \"images\": [\"%s\"]}".formatted(String.join("\", \"", images));
    Http.Answer begun =
        Http.raw(
            weir.adminPort(),
            "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                    .formatted(order.length(), order));
    assertThat(begun.status()).isEqualTo(202);
    String job = begun.header("location") + "?wait=30s";
    assertThat(Http.get(weir.adminPort(), job).text()).contains("\"done\"");
  }

  @Test
  void whatAScrubFetchesAnewHasATrace() throws IOException {
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", new byte[9000]);
    Digest layer = image.layers().getFirst();
    try (WeirServer weir = weir().start()) {
      get(weir, APP + "/manifests/v1");
      awaitStored(image.config());
      awaitStored(layer);
    }
    upstream.remove(image.config());
    for (Digest damaged : List.of(image.digest(), image.config(), layer)) {
      Files.write(file(damaged), new byte[1]);
    }
    try (WeirServer weir = weir().start().awaitReconciliation()) {
      weir.weir().scrub().run(new Scrub.Options(true, OptionalLong.empty()), new ScrubProgress());
    }

    List<Span> repairs = collector.spans("INTERNAL", "repair");
    assertThat(repairs).hasSize(3).allSatisfy(span -> assertThat(span.parentId()).isEmpty());
    Span ofManifest = of(image.digest(), repairs);
    assertThat(ofManifest.isError()).isFalse();
    assertThat(only(collector.below(ofManifest)).name()).isEqualTo("GET " + MANIFEST);
    Span fetch = only(collector.below(of(layer, repairs)));
    assertThat(fetch.name()).isEqualTo("fetch");
    assertThat(only(collector.below(fetch)).name()).isEqualTo("GET " + BLOB);
    assertThat(of(image.config(), repairs).text("error.type")).isEqualTo("not_found");
  }

  private static Span of(Digest digest, List<Span> spans) {
    Span span =
        only(
            spans.stream()
                .filter(one -> one.text("weir.reference").equals(digest.toString()))
                .toList());
    assertIsAbout(span, digest.toString());
    return span;
  }

  @Test
  void aTraceThatIsNotRecordedIsPassedOnAndMakesNoSpans() throws IOException {
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", new byte[100]);
    try (WeirServer weir = weir().start()) {
      get(weir, APP + "/manifests/v1", NOT_RECORDED);
      awaitStored(image.layers().getFirst());
      get(weir, APP + "/blobs/" + image.config(), NOT_RECORDED);
    }

    assertThat(collector.spans()).isEmpty();
    assertThat(upstream.requests("GET", ".*/manifests/v1").getFirst().header("traceparent"))
        .hasValueSatisfying(
            value -> assertThat(value).startsWith("00-" + TRACE_ID).endsWith("-00"));
  }

  @Test
  void ofTracesThatBeginHereAPartIsRecordedAndOfOthersWhatTheySay() throws IOException {
    upstream.image("team/app", "v1");
    try (WeirServer weir = weir().tracing(collector.url(), 0).start()) {
      for (int i = 0; i < 5; i++) {
        get(weir, APP + "/manifests/v1");
      }
      get(weir, APP + "/manifests/v1", RECORDED);
    }

    assertThat(collector.spans("SERVER", "GET " + MANIFEST))
        .extracting(Span::traceId)
        .containsExactly(TRACE_ID);
  }

  @Test
  void aTraceparentThatIsNoneBeginsATrace() throws IOException {
    try (WeirServer weir = weir().start()) {
      get(weir, "/v2/", "traceparent: 00-zz-1-01");
      get(weir, "/v2/", RECORDED, RECORDED);
    }

    assertThat(collector.spans("SERVER", "GET /v2/"))
        .hasSize(2)
        .allSatisfy(span -> {
          assertThat(span.parentId()).isEmpty();
          assertThat(span.traceId()).isNotEqualTo(TRACE_ID);
        });
  }

  @Test
  void failuresAreSeen() throws IOException {
    Digest layer = upstream.image("team/app", "v1", new byte[20_000]).layers().getFirst();
    CountDownLatch goOn = new CountDownLatch(1);
    upstream.on("GET", ".*/blobs/.*").corruptByteAt(5_000).stallAfter(10_000, goOn);
    try (WeirServer weir = weir().start()) {
      try (Http.Stream cut = Http.open(weir.port(), "GET", APP + "/blobs/" + layer)) {
        goOn.countDown();
        cut.readToEnd();
        assertThat(cut.whole()).isFalse();
      }
      assertThat(get(weir, APP + "/manifests/none").status()).isEqualTo(404);
      upstream.goOffline();
      assertThat(get(weir, APP + "/manifests/v1").status()).isEqualTo(502);
      assertThat(Http.request(weir.port(), "BREW", "/pot").status()).isEqualTo(405);
    }

    Span cut = only(collector.spans("SERVER", "GET " + BLOB));
    assertThat(cut.isError()).isTrue();
    assertThat(cut.text("error.type")).isEqualTo("aborted");
    assertThat(cut.text("weir.outcome")).isEqualTo("error");
    assertThat(only(collector.below(cut)).text("error.type")).isEqualTo("invalid");
    List<Span> manifests = collector.spans("SERVER", "GET " + MANIFEST);
    assertThat(manifests).extracting(Span::isError).containsExactly(false, true);
    assertThat(manifests.getLast().text("error.type")).isEqualTo("502");
    assertThat(collector.below(manifests.getLast()))
        .isNotEmpty()
        .allSatisfy(call -> {
          assertThat(call.isError()).isTrue();
          assertThat(call.text("error.type")).isEqualTo("error");
        });
    Span odd = only(collector.spans("SERVER", "HTTP"));
    assertThat(odd.attributes())
        .containsEntry("http.request.method", "_OTHER")
        .containsEntry("http.request.method_original", "BREW")
        .containsEntry("http.response.status_code", 405L);
    assertThat(odd.isError()).isFalse();
  }

  @Test
  void aCollectorThatIsAwayHarmsNoPull() throws IOException {
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", new byte[9000]);
    try (LogLines log = new LogLines("io.weir.tracing")) {
      try (WeirServer weir = weir().tracing(URI.create("http://127.0.0.1:1")).start()) {
        assertPulls(weir, image);
      }
      assertThat(log.take())
          .contains("INFO traces go to http://127.0.0.1:1")
          .anyMatch(line -> line.matches("WARN \\d+ of \\d+ spans did not reach the collector.*"));
    }
  }

  @Test
  void aCollectorThatRefusesThemHarmsNoPull() throws IOException {
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", new byte[9000]);
    collector.answer(400);
    try (LogLines log = new LogLines("io.weir.tracing")) {
      try (WeirServer weir = weir().start()) {
        assertPulls(weir, image);
      }
      assertThat(log.take()).anyMatch(line -> line.contains("spans did not reach the collector"));
    }
    assertThat(collector.requests()).isNotEmpty();
  }

  private static void assertPulls(WeirServer weir, ScriptedUpstream.Image image)
      throws IOException {
    assertThat(get(weir, APP + "/manifests/v1").body()).isEqualTo(image.manifest());
    for (Digest blob : List.of(image.config(), image.layers().getFirst())) {
      assertThat(blob.algorithm().of(get(weir, APP + "/blobs/" + blob).body())).isEqualTo(blob);
    }
  }

  @Test
  void theServerIsNamedAsItsClientKnowsIt() throws IOException {
    List<String> hosts = List.of("weir.example.net:443", "weir.example.net", "[2001:db8::1]:5000");
    try (WeirServer weir = weir().start()) {
      for (String host : hosts) {
        get(weir, "/v2/", "Host: " + host);
      }
    }

    assertThat(collector.spans("SERVER", "GET /v2/"))
        .extracting(span -> span.text("server.address") + ' ' + span.text("server.port"))
        .containsExactly("weir.example.net 443", "weir.example.net 80", "2001:db8::1 5000");
  }

  /** A ping used to have the outcome of an error. */
  @Test
  void whatIsNoPullHasNoOutcome() throws IOException {
    try (WeirServer weir = weir().start()) {
      assertThat(get(weir, "/v2/").status()).isEqualTo(200);
    }

    assertThat(only(collector.spans()).attributes())
        .containsEntry("http.response.status_code", 200L)
        .doesNotContainKeys("weir.outcome", "weir.cache_status", "weir.reference");
  }

  /**
   * skopeo tries TLS first, also at a port without. Its hello used to be a request for {@code GET
   * /bad-request}, which is what Netty makes of what it cannot read.
   */
  @Test
  void ofAHeadThatCannotBeReadNothingIsMadeUp() throws IOException {
    try (WeirServer weir = weir().start()) {
      assertThat(Http.raw(weir.port(), "\u0016\u0003\u0001\u0002\r\n\r\n").status()).isEqualTo(400);
    }

    Span hello = only(collector.spans("SERVER", "HTTP"));
    assertThat(hello.attributes())
        .containsEntry("http.request.method", "_OTHER")
        .containsEntry("http.response.status_code", 400L)
        .containsEntry("client.address", "127.0.0.1")
        .doesNotContainKeys("url.path", "network.protocol.version", "server.port");
  }

  @Test
  void whatAClientMakesLongIsCut() throws IOException {
    try (WeirServer weir = weir().start()) {
      get(weir, "/v2/", "User-Agent: " + "x".repeat(5000));
    }

    assertThat(only(collector.spans("SERVER", "GET /v2/")).text("user_agent.original"))
        .hasSize(1024);
  }

  @Test
  void aChangeWaitsForTheNextStart() throws IOException {
    try (WeirServer weir = weir().start()) {
      assertThat(weir.reload(weir().tracing(collector.url(), 0.5))).containsExactly("tracing");
    }
  }
}
