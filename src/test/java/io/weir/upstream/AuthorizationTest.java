package io.weir.upstream;

import static io.weir.upstream.Harness.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weir.config.UpstreamConfig.Credentials;
import io.weir.config.UpstreamConfig.SecretSource;
import io.weir.oci.Digest;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import io.weir.testing.RecordedRequest;
import io.weir.testing.ScriptedUpstream;
import io.weir.upstream.CredentialStatus.Failure;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizationTest {

  private static final Tag TAG = Tag.parse("1");

  @TempDir Path folder;

  private final ScriptedUpstream registry = ScriptedUpstream.start();
  private final Harness harness = new Harness(registry);
  private final ScriptedUpstream.Image image =
      registry.image("library/app", "1", new byte[1000], new byte[2000], new byte[3000]);

  @AfterEach
  void close() {
    harness.close();
    registry.close();
  }

  private void pull(Upstream upstream) {
    upstream.getManifest(REPOSITORY, TAG);
    for (Digest layer : image.layers()) {
      try (RemoteBlob blob = upstream.openBlob(REPOSITORY, layer, 0, -1)) {
        Harness.readAll(blob);
      }
    }
  }

  @Test
  void aColdPullCostsOneTokenAndOneRefusal() {
    registry.auth().bearer();
    pull(harness.open());

    assertThat(registry.requests())
        .extracting(RecordedRequest::toString)
        .startsWith(
            "GET /v2/library/app/manifests/1",
            "GET /token?service=scripted&scope=repository%3Alibrary%2Fapp%3Apull",
            "GET /v2/library/app/manifests/1")
        .hasSize(3 + image.layers().size());
    assertThat(
            harness.metric(
                "weir_upstream_requests", "upstream", "scripted", "kind", "other", "status", "200"))
        .isEqualTo(1);
    assertThat(
            harness.metric(
                "weir_upstream_requests",
                "upstream",
                "scripted",
                "kind",
                "manifest",
                "status",
                "401"))
        .isEqualTo(1);
  }

  @Test
  void aTokenIsSharedByAllRequestsUntilItEnds() {
    registry.auth().bearer().expiresIn(300L);
    Upstream upstream = harness.open();
    pull(upstream);
    harness.clock.advance(Duration.ofSeconds(289));
    pull(upstream);
    assertThat(registry.count("GET", "/token")).isEqualTo(1);

    harness.clock.advance(Duration.ofSeconds(1));
    pull(upstream);
    assertThat(registry.count("GET", "/token")).isEqualTo(2);
  }

  @Test
  void aTokenThatDoesNotSayHowLongItLivesIsKeptForAMinute() {
    registry.auth().bearer().expiresIn(null).tokenField("access_token");
    Upstream upstream = harness.open();
    pull(upstream);
    harness.clock.advance(Duration.ofSeconds(49));
    pull(upstream);
    assertThat(registry.count("GET", "/token")).isEqualTo(1);
    harness.clock.advance(Duration.ofSeconds(1));
    pull(upstream);
    assertThat(registry.count("GET", "/token")).isEqualTo(2);
  }

  @Test
  void aTokenEndsWhenItSaysSoItselfWhateverTheClocksSay() {
    String claims = "{\"iat\":1000000000,\"exp\":1000000100}";
    String jwt = "aaa." + base64(claims) + ".sig";
    registry.auth().bearer().expiresIn(3600L).tokens(() -> jwt);
    Upstream upstream = harness.open();
    pull(upstream);
    harness.clock.advance(Duration.ofSeconds(89));
    pull(upstream);
    assertThat(registry.count("GET", "/token")).isEqualTo(1);
    harness.clock.advance(Duration.ofSeconds(1));
    pull(upstream);
    assertThat(registry.count("GET", "/token")).isEqualTo(2);
  }

  @Test
  void requestsThatNeedATokenAtTheSameTimeCauseOneTokenRequest() throws Exception {
    registry.auth().bearer();
    Upstream upstream = harness.open();
    pull(upstream);
    registry.auth().revokeTokens();
    harness.clock.advance(Duration.ofHours(1));
    CountDownLatch hold = new CountDownLatch(1);
    registry.on("GET", "/token").hold(hold);

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<RemoteHead>> heads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        heads.add(threads.submit(() -> upstream.headManifest(REPOSITORY, TAG)));
      }
      registry.awaitRequests("GET", "/token", 2);
      hold.countDown();
      for (Future<RemoteHead> head : heads) {
        assertThat(head.get().digest()).isEqualTo(image.digest());
      }
    }
    assertThat(registry.count("GET", "/token")).isEqualTo(2);
  }

  /** Each of them is refused before it is known what is asked for. */
  @Test
  void requestsThatComeTogetherAtTheStartAreAllLetIn() throws Exception {
    registry.auth().bearer();
    CountDownLatch hold = new CountDownLatch(1);
    registry.on("HEAD", ".*").times(6).hold(hold);
    Upstream upstream = harness.open();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<RemoteHead>> heads = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        heads.add(threads.submit(() -> upstream.headManifest(REPOSITORY, TAG)));
      }
      registry.awaitRequests("HEAD", ".*", 6);
      hold.countDown();
      for (Future<RemoteHead> head : heads) {
        assertThat(head.get().digest()).isEqualTo(image.digest());
      }
    }
    assertThat(registry.count("GET", "/token")).isEqualTo(1);
  }

  @Test
  void aTokenThatIsRefusedIsReplacedOnce() {
    registry.auth().bearer();
    Upstream upstream = harness.open();
    pull(upstream);
    registry.auth().revokeTokens();
    pull(upstream);
    assertThat(registry.count("GET", "/token")).isEqualTo(2);

    registry.auth().tokens(() -> "never");
    registry.auth().revokeTokens();
    registry.on("GET", "/v2/.*").status(401, "", "WWW-Authenticate", bearer(""));
    registry.forgetRequests();
    assertThatThrownBy(() -> upstream.getManifest(REPOSITORY, TAG))
        .isInstanceOf(UpstreamException.class)
        .hasMessage("scripted: answered 401")
        .extracting("kind")
        .isEqualTo(UpstreamException.Kind.DENIED);
    assertThat(registry.count("GET", "/token")).isEqualTo(1);
    assertThat(registry.count("GET", "/v2/.*")).isEqualTo(2);
  }

  private String bearer(String more) {
    return "Bearer realm=\"" + registry.url("/token") + "\"" + more;
  }

  @Test
  void tokensAreForOneRepository() {
    registry.image("other", "1", new byte[1]);
    registry.auth().bearer();
    Upstream upstream = harness.open();
    pull(upstream);
    upstream.getManifest(Repository.parse("other"), TAG);
    pull(upstream);
    assertThat(registry.requests("GET", "/token"))
        .extracting(RecordedRequest::query)
        .containsExactly(
            "service=scripted&scope=repository%3Alibrary%2Fapp%3Apull",
            "service=scripted&scope=repository%3Aother%3Apull");
  }

  @Test
  void aScopeOfAnotherKindIsAskedForAsItIs() {
    registry.auth().bearer().anyScope().challenge(bearer(",service=\"ecr\",scope=\"aws\""));
    registry.image("other", "1", new byte[1]);
    Upstream upstream = harness.open();
    pull(upstream);
    upstream.getManifest(Repository.parse("other"), TAG);
    assertThat(registry.requests("GET", "/token"))
        .extracting(RecordedRequest::query)
        .containsExactly("service=ecr&scope=aws");
  }

  @Test
  void aRealmMayHaveAQueryOrBeRelative() {
    registry.auth().bearer().challenge("Bearer realm=\"" + registry.url("/token?a=b") + "\"");
    pull(harness.open());
    assertThat(registry.requests("GET", "/token").getFirst().query())
        .isEqualTo("a=b&scope=repository%3Alibrary%2Fapp%3Apull");

    registry.auth().challenge("Bearer realm=\"/token\"");
    pull(harness.open());
    assertThat(registry.requests("GET", "/token").getLast().query())
        .isEqualTo("scope=repository%3Alibrary%2Fapp%3Apull");
  }

  @Test
  void whereARefusalDoesNotSayWhatIsWantedTheVersionCheckDoes() {
    registry.auth().bearer().challengeOnPingOnly();
    Upstream upstream = harness.open();
    pull(upstream);
    pull(upstream);
    assertThat(registry.count("GET", "/v2/")).isEqualTo(1);
    assertThat(registry.count("GET", "/token")).isEqualTo(1);
  }

  @Test
  void nameAndPasswordGoToABasicRegistryWithEveryRequestAfterTheFirst() {
    registry.auth().basic("me", "pass:word");
    pull(harness.login("me", "pass:word").open());
    assertThat(registry.requests()).hasSize(2 + image.layers().size());
    assertThat(registry.requests().getFirst().header("authorization")).isEmpty();
    assertThat(registry.requests().get(1).header("authorization"))
        .contains(
            "Basic "
                + Base64.getEncoder()
                    .encodeToString("me:pass:word".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void wrongCredentialsAreDeniedAndNeverNamed() {
    registry.auth().basic("me", "right");
    UpstreamException e =
        catchThrowableOfType(
            UpstreamException.class,
            () -> harness.login("me", "wr0ng").open().getManifest(REPOSITORY, TAG));
    assertThat(e.kind()).isEqualTo(UpstreamException.Kind.DENIED);
    assertThat(e).hasMessage("scripted: answered 401: authentication required");
    StringWriter stack = new StringWriter();
    e.printStackTrace(new PrintWriter(stack));
    assertThat(stack.toString()).doesNotContain("wr0ng");

    registry.auth().bearer("me", "right");
    registry.on("GET", "/token").status(401, "{\"errors\":[{\"message\":\"bad wr0ng\"}]}");
    Upstream upstream = harness.open();
    assertThatThrownBy(() -> upstream.getManifest(REPOSITORY, TAG))
        .hasMessage("scripted: the token service answered 401");
    assertThat(refusal(upstream)).isEqualTo("refused by the token service");
  }

  private static String refusal(Upstream upstream) {
    return upstream.credentials().orElseThrow().failure().map(Failure::reason).orElse("");
  }

  @Test
  void whatARegistryRepeatsOfThemIsNotPassedOn() {
    registry.auth().basic("me", "secret");
    Upstream upstream = harness.login("me", "secret").open();
    pull(upstream);
    registry
        .on("GET", "/v2/library/app/manifests/.*")
        .status(403, "{\"errors\":[{\"message\":\"no secret is enough here\"}]}");
    assertThatThrownBy(() -> upstream.getManifest(REPOSITORY, TAG))
        .hasMessage("scripted: answered 403");
  }

  @Test
  void nameAndPasswordGoToTheRegistrysOwnTokenService() {
    registry.auth().bearer("me", "secret");
    pull(harness.login("me", "secret").open());
    assertThat(registry.requests("GET", "/token").getFirst().header("authorization")).isPresent();
    assertThat(registry.requests("GET", "/v2/.*"))
        .allSatisfy(request ->
            assertThat(request.header("authorization").orElse("Bearer ")).startsWith("Bearer "));
  }

  /** CVE-2026-33540: a registry that is hostile, or answered for, must not collect passwords. */
  @Test
  void aForeignTokenServiceIsAskedWithoutCredentials() {
    try (ScriptedUpstream foreign = ScriptedUpstream.start()) {
      String realm = "http://localhost:" + foreign.port() + "/token";
      foreign.auth().bearer();
      registry.auth().bearer().realm(realm);
      registry.auth().accept("token-1");
      harness.login("me", "secret");

      pull(harness.open());
      assertThat(foreign.requests("*", ".*")).hasSize(1);
      assertThat(foreign.requests().getFirst().headers()).doesNotContainKey("authorization");

      foreign.auth().bearer("me", "secret").tokens(() -> "token-1");
      harness.tokenRealms = List.of("localhost");
      pull(harness.open());
      assertThat(foreign.requests().getLast().header("authorization").orElse(""))
          .startsWith("Basic ");
    }
  }

  @Test
  void anIdentityTokenIsExchangedByPost() throws Exception {
    registry.auth().refreshToken("refresh me");
    credentialsOf("{\"auth\":\"Z3VpZDo=\",\"identitytoken\":\"refresh me\"}");
    pull(harness.open());
    RecordedRequest post = registry.requests("POST", "/token").getFirst();
    assertThat(post.bodyText())
        .isEqualTo(
            "grant_type=refresh_token&client_id=weir&service=scripted"
                + "&scope=repository%3Alibrary%2Fapp%3Apull&refresh_token=refresh+me");
    assertThat(post.query()).isNull();
    assertThat(registry.count("GET", "/token")).isZero();
  }

  @Test
  void aTokenServiceThatDoesNotKnowPostIsAskedByGet() throws Exception {
    registry.auth().bearer("guid", "refresh me");
    credentialsOf("{\"auth\":\"Z3VpZDo=\",\"identitytoken\":\"refresh me\"}");
    for (int status : new int[] {400, 401, 404, 405}) {
      registry.auth().postStatus(status);
      registry.forgetRequests();
      pull(harness.open());
      assertThat(registry.count("POST", "/token")).isEqualTo(1);
      assertThat(registry.count("GET", "/token")).isEqualTo(1);
    }
  }

  @Test
  void aRegistryTokenIsShownAsItIs() throws Exception {
    registry.auth().bearer().accept("as-it-is");
    credentialsOf("{\"registrytoken\":\"as-it-is\"}");
    pull(harness.open());
    assertThat(registry.count("*", "/token")).isZero();
  }

  private void credentialsOf(String entry) throws Exception {
    String host = "127.0.0.1:" + registry.port();
    Path file =
        Files.writeString(
            folder.resolve("config.json"), "{\"auths\":{\"" + host + "\":" + entry + "}}");
    harness.credentials = Optional.of(new Credentials.DockerConfig(file, Duration.ofMinutes(30)));
  }

  @Test
  void aPasswordThatWasChangedInItsFileIsUsedAtOnce() throws Exception {
    registry.auth().basic("me", "one");
    Path file = Files.writeString(folder.resolve("password"), "one\n");
    harness.credentials = Optional.of(new Credentials.Login("me", new SecretSource.InFile(file)));
    Upstream upstream = harness.open();
    pull(upstream);

    // Within the resolution of the modification time, and of the same length.
    var modified = Files.getLastModifiedTime(file);
    Files.writeString(file, "two\n");
    Files.setLastModifiedTime(file, modified);
    registry.auth().login("me", "two");
    pull(upstream);

    assertThat(upstream.headManifest(REPOSITORY, TAG).digest()).isEqualTo(image.digest());
  }

  /** Whoever is refused second finds the file as the first has read it. */
  @Test
  void allWhoAreRefusedTogetherUseTheNewPassword() throws Exception {
    registry.auth().basic("me", "one");
    Path file = Files.writeString(folder.resolve("password"), "one\n");
    harness.credentials = Optional.of(new Credentials.Login("me", new SecretSource.InFile(file)));
    Upstream upstream = harness.open();
    pull(upstream);

    CountDownLatch hold = new CountDownLatch(1);
    registry.on("HEAD", ".*").times(8).hold(hold).status(401, "");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<RemoteHead>> heads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        heads.add(threads.submit(() -> upstream.headManifest(REPOSITORY, TAG)));
      }
      registry.awaitRequests("HEAD", ".*", 8);
      Files.writeString(file, "two\n");
      registry.auth().login("me", "two");
      hold.countDown();
      for (Future<RemoteHead> head : heads) {
        assertThat(head.get().digest()).isEqualTo(image.digest());
      }
    }
  }

  private HelperProgram helper() {
    HelperProgram program = new HelperProgram(folder, "docker-credential-test");
    harness.credentials =
        Optional.of(
            new Credentials.Exec(List.of(program.path().toString(), "get"), Duration.ofHours(6)));
    return program;
  }

  @Test
  void aHelperIsAskedOnceAndForTheRegistryItself() {
    registry.auth().bearer("me", "secret");
    HelperProgram program = helper().gives("me", "secret");
    Upstream upstream = harness.open();
    pull(upstream);
    pull(upstream);
    assertThat(program.asked()).containsExactly("127.0.0.1:" + registry.port());
    assertThat(upstream.credentials().orElseThrow().source()).isEqualTo("exec " + program.path());
    assertThat(upstream.credentials().orElseThrow().username()).contains("me");
  }

  @Test
  void whereNobodyAsksWhoOneIsNoHelperRuns() {
    HelperProgram program = helper().gives("me", "secret");
    pull(harness.open());
    assertThat(program.asked()).isEmpty();
  }

  /** The password of ECR lives for twelve hours. */
  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void aPasswordThatHasEndedIsReplacedByTheHelper(int status) {
    registry.auth().basic("AWS", "first");
    HelperProgram program = helper().gives("AWS", "first");
    Upstream upstream = harness.open();
    pull(upstream);

    harness.clock.advance(Duration.ofHours(3));
    registry
        .on("*", "/v2/.*")
        .times(1)
        .status(
            status,
            "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"Your authorization token has"
                + " expired. Reauthenticate and try again.\"}]}",
            "WWW-Authenticate",
            "Basic realm=\"x\"");
    registry.auth().login("AWS", "second");
    program.gives("AWS", "second");
    pull(upstream);
    assertThat(program.asked()).hasSize(2);
  }

  @Test
  void aFloodOfRefusalsRunsTheHelperOnce() {
    registry.auth().basic("me", "right");
    HelperProgram program = helper().gives("me", "wr0ng");
    Upstream upstream = harness.open();
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> upstream.getManifest(REPOSITORY, TAG))
          .hasMessage("scripted: answered 401: authentication required");
    }
    assertThat(program.asked()).hasSize(1);
    harness.clock.advance(Duration.ofMinutes(1));
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> upstream.getManifest(REPOSITORY, TAG))
          .isInstanceOf(UpstreamException.class);
    }
    assertThat(program.asked()).hasSize(2);
    assertThat(refusal(upstream)).isEqualTo("refused with 401");

    registry.auth().login("me", "wr0ng");
    pull(upstream);
    assertThat(refusal(upstream)).isEmpty();
  }

  @Test
  void aHelperThatFailsIsADenialThatNamesIt() {
    registry.auth().basic("me", "secret");
    helper().does("echo 'no role, says s3cret' >&2; exit 1");
    assertThatThrownBy(() -> harness.open().getManifest(REPOSITORY, TAG))
        .hasMessage("scripted: no credentials: docker-credential-test ended with status 1")
        .extracting("kind")
        .isEqualTo(UpstreamException.Kind.DENIED);
  }

  @Test
  void whatOldCredentialsOpenedIsNotUsedWithNewOnes() throws Exception {
    registry.auth().bearer("me", "one").expiresIn(3600L);
    Path file = Files.writeString(folder.resolve("password"), "one\n");
    harness.credentials = Optional.of(new Credentials.Login("me", new SecretSource.InFile(file)));
    Upstream upstream = harness.open();
    pull(upstream);
    String old = authorization(registry.requests().getLast());

    Files.writeString(file, "longer\n");
    registry.auth().login("me", "longer");
    registry.forgetRequests();
    pull(upstream);
    assertThat(registry.count("GET", "/token")).isEqualTo(1);
    assertThat(registry.requests())
        .extracting(AuthorizationTest::authorization)
        .doesNotContain(old);
  }

  private static String authorization(RecordedRequest request) {
    return request.header("authorization").orElse("");
  }

  // Credentials are for one host

  /** None of these may bring the helper's secret to where the registry points. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:PORT/token",
        "http://127.0.0.1:REGISTRY@localhost:PORT/token",
        "http://me:pw@localhost:PORT/token",
        "//localhost:PORT/token",
      })
  void aRealmOnAnotherHostNeverSeesThem(String realm) {
    try (ScriptedUpstream foreign = ScriptedUpstream.start()) {
      foreign.auth().bearer();
      String there =
          realm
              .replace("PORT", String.valueOf(foreign.port()))
              .replace("REGISTRY", String.valueOf(registry.port()));
      registry.auth().bearer().realm(there).accept("token-1");
      helper().gives("me", "secret");
      pull(harness.open());
      assertThat(foreign.requests()).hasSize(1);
      assertThat(foreign.requests().getFirst().headers()).doesNotContainKey("authorization");
    }
  }

  @Test
  void eachOfAnUpstreamsHostsIsShownItsOwn() {
    try (ScriptedUpstream second = ScriptedUpstream.start()) {
      second.image("library/app", "1", new byte[1000]);
      registry.auth().basic("me", "at " + registry.port());
      second.auth().basic("me", "at " + second.port());
      harness.urls = List.of(registry.url(), second.url());
      HelperProgram program =
          helper().does("echo '{\"Username\":\"me\",\"Secret\":\"'\"at ${asked##*:}\"'\"}'");
      Upstream upstream = harness.open();
      upstream.getManifest(REPOSITORY, TAG);
      registry.on("GET", "/v2/.*").times(1).status(500);
      upstream.getManifest(REPOSITORY, TAG);
      assertThat(program.asked())
          .containsExactly("127.0.0.1:" + registry.port(), "127.0.0.1:" + second.port());
      assertThat(second.requests("GET", "/v2/.*")).hasSize(2);
    }
  }

  /** It says neither there nor at the version check what it wants to see. */
  @Test
  void aRefusalThatAsksForNothingIsNotRepeated() {
    registry.on("GET", "/v2/.*").status(401, "");
    harness.login("me", "secret");
    assertThatThrownBy(() -> harness.open().getManifest(REPOSITORY, TAG))
        .hasMessage("scripted: answered 401");
    assertThat(registry.count("GET", "/v2/.*/manifests/1")).isEqualTo(1);
  }

  /** Also not when it leads back again: who redirects chooses the path. */
  @Test
  void aRedirectToAnotherHostAndBackLosesThem() {
    try (ScriptedUpstream foreign = ScriptedUpstream.start()) {
      registry.auth().basic("me", "secret");
      helper().gives("me", "secret");
      Upstream upstream = harness.open();
      pull(upstream);
      registry.forgetRequests();
      String foreignUrl = "http://localhost:" + foreign.port();
      registry.on("GET", "/v2/library/app/manifests/1").redirectTo(foreignUrl + "/there");
      foreign.on("GET", "/there").redirectTo(registry.url("/collect").toString());
      registry.on("GET", "/collect").status(401, "", "WWW-Authenticate", "Basic realm=\"x\"");

      assertThatThrownBy(() -> upstream.getManifest(REPOSITORY, TAG))
          .isInstanceOf(UpstreamException.class);
      assertThat(foreign.requests())
          .allSatisfy(request -> assertThat(authorization(request)).isEmpty());
      assertThat(registry.requests("GET", "/collect")).hasSizeGreaterThan(0);
      assertThat(registry.requests("GET", "/collect"))
          .allSatisfy(request -> assertThat(authorization(request)).isEmpty());
    }
  }

  /** A token service that redirects, with the Basic header it was sent. */
  @Test
  void aTokenServiceThatRedirectsTakesThemNowhere() {
    try (ScriptedUpstream foreign = ScriptedUpstream.start()) {
      foreign.auth().bearer();
      registry.auth().bearer("me", "secret").accept("token-1");
      registry.on("GET", "/token").redirectTo("http://localhost:" + foreign.port() + "/token");
      helper().gives("me", "secret");
      pull(harness.open());
      assertThat(foreign.requests()).hasSize(1);
      assertThat(authorization(foreign.requests().getFirst())).isEmpty();
    }
  }

  /** Some registries show nobody a 404 for what they would show to somebody. */
  @Test
  void credentialsAreTriedWhereTheResourceIsHiddenFromNobody() {
    registry.auth().basic("me", "secret");
    registry.on("GET", "/v2/library/app/.*").times(1).status(404, "");
    pull(harness.login("me", "secret").open());
    assertThat(registry.count("GET", "/v2/")).isEqualTo(1);
  }

  @Test
  void pingShowsWhetherOneIsLetIn() {
    Upstream open = harness.open();
    open.ping();
    registry.auth().bearer("me", "secret");
    assertThatThrownBy(() -> harness.open().ping()).isInstanceOf(UpstreamException.class);
    harness.login("me", "secret").open().ping();
    assertThat(registry.requests("GET", "/token").getLast().query()).isEqualTo("service=scripted");
  }

  @Test
  void aTokenServiceInTroubleIsTheUpstreamsTrouble() {
    registry.auth().bearer();
    registry.on("GET", "/token").status(503);
    Upstream upstream = harness.open();
    assertThatThrownBy(() -> upstream.getManifest(REPOSITORY, TAG))
        .hasMessage("scripted: the token service answered 503")
        .extracting("kind")
        .isEqualTo(UpstreamException.Kind.UNAVAILABLE);
    assertThat(registry.count("GET", "/token")).isEqualTo(3);
    assertThat(upstream.isFailing()).isTrue();
  }

  @Test
  void aTokenThatCannotStandInAHeaderIsRefused() {
    registry.auth().bearer().tokens(() -> "a\\r\\nX-Injected: b");
    assertThatThrownBy(() -> harness.open().getManifest(REPOSITORY, TAG))
        .hasMessage("scripted: the token service's answer has no token");
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
