package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.config.UpstreamConfig.Credentials;
import io.weir.config.UpstreamConfig.SecretSource;
import io.weir.oci.ImagePattern;
import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.RecordedRequest;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.Users;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may pull what, by passwords. */
@Timeout(120)
class AuthTest {

  private static final String CHALLENGE = "Basic realm=\"weir\"";
  private static final String CI = Users.header("ci", "secret");
  private static final String OPS = Users.header("ops", "other");

  /** What containers/image sends where it is asked for a login and has none. */
  private static final String NOBODY = "Authorization: Basic Og==";

  @TempDir private Path folder;
  private final FakeClock clock = new FakeClock();
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  @AutoClose private WeirServer weir;
  private Users users;
  private ScriptedUpstream.Image app;
  private ScriptedUpstream.Image secret;

  @BeforeEach
  void start() throws IOException {
    app = upstream.image("team/app", "v1", "layer".getBytes(StandardCharsets.UTF_8));
    secret = upstream.image("secret/app", "v1", "hidden".getBytes(StandardCharsets.UTF_8));
    users = new Users(folder.resolve("users")).put("ci", "secret").put("ops", "other");
    weir = builder(usersOnly()).start();
  }

  private WeirServer.Builder builder(Config.Auth auth) {
    return WeirServer.in(folder.resolve("data"))
        .clock(clock)
        .auth(auth)
        .upstream("hub", upstream.url());
  }

  private void serve(Config.Auth auth) {
    weir.reload(builder(auth));
  }

  private void serveEverybody() {
    weir.reload(WeirServer.in(folder.resolve("data")).upstream("hub", upstream.url()));
  }

  /** Every user may pull everything, and nobody else anything. */
  private Config.Auth usersOnly() {
    return new Config.Auth(Optional.of(users.file()), Optional.empty(), Map.of());
  }

  private Config.Auth withAnonymous(String... patterns) {
    return new Config.Auth(Optional.of(users.file()), Optional.of(allowed(patterns)), Map.of());
  }

  private Config.Auth withRights(Map<String, Config.Allowed> rights) {
    return new Config.Auth(Optional.of(users.file()), Optional.empty(), rights);
  }

  private static Config.Allowed allowed(String... patterns) {
    return new Config.Allowed(Stream.of(patterns).map(ImagePattern::parse).toList());
  }

  private Http.Answer get(String target, String... headers) throws IOException {
    return Http.get(weir.port(), target, headers);
  }

  private int status(String target, String... headers) throws IOException {
    return get(target, headers).status();
  }

  /** A change is noticed when two looks have seen it. */
  private void look() {
    weir.weir().watch().look();
    weir.weir().watch().look();
  }

  private String metric(String series) throws IOException {
    return Http.get(weir.adminPort(), "/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .map(line -> line.substring(series.length() + 1))
        .findFirst()
        .orElse("");
  }

  /** Everything that can be asked of a repository, by path and by {@code ns}. */
  private static List<String> targets(String repository, ScriptedUpstream.Image image) {
    List<String> paths =
        List.of(
            "manifests/v1",
            "manifests/" + image.digest(),
            "blobs/" + image.layers().getFirst(),
            "tags/list",
            "referrers/" + image.digest());
    return paths.stream()
        .flatMap(path ->
            Stream.of(
                "/v2/hub/" + repository + "/" + path,
                "/v2/" + repository + "/" + path + "?ns=hub",
                "/hub/v2/" + repository + "/" + path))
        .toList();
  }

  static List<String> whatAStrangerMayAsk() {
    return List.of(
        "/v2/",
        "/v2/_catalog",
        "/v2/hub/team/app/manifests/v1",
        "/v2/hub/team/app/tags/list",
        "/v2/nowhere/team/app/manifests/v1",
        "/v2/team/app/manifests/v1?ns=nowhere",
        "/v2/hub/team/app/blobs/sha256:bad",
        "/elsewhere");
  }

  @ParameterizedTest
  @MethodSource("whatAStrangerMayAsk")
  void whoDoesNotSayWhoItIsIsAskedForALoginWhateverItWants(String target) throws IOException {
    for (String[] headers : new String[][] {{}, {NOBODY}, {Users.header("ci", "wrong")}}) {
      Http.Answer answer = get(target, headers);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.header("WWW-Authenticate")).isEqualTo(CHALLENGE);
      assertThat(answer.header("Docker-Distribution-Api-Version")).isEqualTo("registry/2.0");
      assertThat(answer.text()).startsWith("{\"errors\":[{\"code\":\"UNAUTHORIZED\",");

      Http.Answer head = Http.head(weir.port(), target, headers);
      assertThat(head.status()).isEqualTo(401);
      assertThat(head.header("WWW-Authenticate")).isEqualTo(CHALLENGE);
    }
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void aUserPullsAndUpstreamNeverSeesItsPassword() throws IOException {
    assertThat(get("/v2/", CI).text()).isEqualTo("{}");
    for (String target : targets("team/app", app)) {
      assertThat(status(target, CI)).as(target).isEqualTo(200);
      assertThat(Http.head(weir.port(), target, OPS).status()).as(target).isEqualTo(200);
      assertThat(status(target)).as(target).isEqualTo(401);
    }
    assertThat(upstream.requests())
        .isNotEmpty()
        .extracting(request -> request.header("authorization"))
        .containsOnly(Optional.empty());
    assertThat(metric("weir_logins_total{result=\"accepted\"}")).isEqualTo("2.0");
  }

  /** Docker sends its user's Docker Hub login to every mirror. */
  @Test
  void theLoginOfAnotherRegistryIsAWrongOneAndGoesNowhere() throws IOException {
    serve(withAnonymous("**"));
    String hub = Users.header("somebody", "dckr_pat_SECRET");
    for (String target : targets("team/app", app)) {
      Http.Answer answer = get(target, hub);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.text()).doesNotContain("SECRET");
    }
    assertThat(upstream.requests()).isEmpty();
    assertThat(metric("weir_logins_total{result=\"refused\"}")).isEqualTo("1.0");
    assertThat(get("/v2/hub/team/app/manifests/v1").status()).isEqualTo(200);
    assertThat(upstream.requests())
        .extracting(RecordedRequest::toString)
        .noneMatch(request -> request.contains("SECRET"));
  }

  @Test
  void withoutAuthALoginIsNotLookedAt() throws IOException {
    serveEverybody();
    for (String header : List.of(CI, "Authorization: Bearer x", "Authorization: nonsense")) {
      assertThat(status("/v2/", header)).isEqualTo(200);
      assertThat(status("/v2/hub/team/app/manifests/v1", header)).isEqualTo(200);
    }
  }

  // Rights

  @Test
  void aUserGetsWhatItMayPullAndNothingElseNotEvenFromTheCache() throws IOException {
    Map<String, Config.Allowed> rights = new LinkedHashMap<>();
    rights.put("ci", allowed("hub/team/*"));
    rights.put("ops", allowed("**"));
    serve(withRights(rights));

    for (String target : targets("secret/app", secret)) {
      assertDenied(target);
    }
    assertThat(upstream.requests()).isEmpty();
    for (String target : targets("secret/app", secret)) {
      assertThat(status(target, OPS)).as(target).isEqualTo(200);
      assertDenied(target);
      assertThat(status(target)).as(target).isEqualTo(401);
    }
    for (String target : targets("team/app", app)) {
      assertThat(status(target, CI)).as(target).isEqualTo(200);
    }
  }

  private void assertDenied(String target) throws IOException {
    Http.Answer answer = get(target, CI);
    assertThat(answer.status()).as(target).isEqualTo(403);
    assertThat(answer.text()).contains("\"DENIED\"").contains("this user");
    assertThat(answer.headers()).doesNotContainKey("www-authenticate");
    assertThat(Http.head(weir.port(), target, CI).status()).as(target).isEqualTo(403);
  }

  /** A blob that both repositories have is one file, and still two questions. */
  @Test
  void aSharedBlobIsNoWayIntoARepository() throws IOException {
    byte[] layer = "shared".getBytes(StandardCharsets.UTF_8);
    ScriptedUpstream.Image open = upstream.image("team/base", "v1", layer);
    upstream.image("secret/base", "v1", layer);
    serve(withRights(Map.of("ci", allowed("hub/team/**"))));
    String blob = "/blobs/" + open.layers().getFirst();

    assertThat(status("/v2/hub/team/base" + blob, CI)).isEqualTo(200);
    assertThat(status("/v2/hub/secret/base" + blob, CI)).isEqualTo(403);
  }

  @Test
  void theCatalogShowsWhatTheUserMayPull() throws IOException {
    Map<String, Config.Allowed> rights = new LinkedHashMap<>();
    rights.put("ci", allowed("hub/team/**"));
    rights.put("*", allowed("**"));
    serve(withRights(rights));
    get("/v2/hub/team/app/manifests/v1", OPS);
    get("/v2/hub/secret/app/manifests/v1", OPS);

    assertThat(get("/v2/_catalog", CI).text()).isEqualTo("{\"repositories\":[\"hub/team/app\"]}");
    assertThat(get("/v2/_catalog?ns=hub", CI).text())
        .isEqualTo("{\"repositories\":[\"team/app\"]}");
    assertThat(get("/v2/_catalog", OPS).text())
        .isEqualTo("{\"repositories\":[\"hub/secret/app\",\"hub/team/app\"]}");
    assertThat(get("/v2/_catalog?n=1", CI).headers()).doesNotContainKey("link");
  }

  @Test
  void aUserWithoutAnEntryMayPullNothingUnlessThereIsOneForAllOthers() throws IOException {
    serve(withRights(Map.of("ci", allowed("hub/team/*"))));
    assertThat(status("/v2/", OPS)).isEqualTo(200);
    assertThat(status("/v2/hub/team/app/manifests/v1", OPS)).isEqualTo(403);

    serve(withRights(Map.of("*", allowed("hub/team/*"))));
    assertThat(status("/v2/hub/team/app/manifests/v1", OPS)).isEqualTo(200);
    assertThat(status("/v2/hub/secret/app/manifests/v1", OPS)).isEqualTo(403);

    serve(usersOnly());
    assertThat(status("/v2/hub/secret/app/manifests/v1", OPS)).isEqualTo(200);
  }

  // Anonymous clients

  @ParameterizedTest
  @ValueSource(strings = {"", NOBODY})
  void anonymousClientsGetWhatIsTheirsAndAreAskedForALoginForMore(String header)
      throws IOException {
    serve(withAnonymous("hub/team/*"));
    String[] headers = header.isEmpty() ? new String[0] : new String[] {header};

    for (String target : targets("team/app", app)) {
      assertThat(status(target, headers)).as(target).isEqualTo(200);
    }
    for (String target : targets("secret/app", secret)) {
      assertThat(status(target, headers)).as(target).isEqualTo(401);
      assertThat(status(target, CI)).as(target).isEqualTo(200);
    }
    assertThat(get("/v2/_catalog", headers).text())
        .isEqualTo("{\"repositories\":[\"hub/team/app\"]}");
    assertThat(status("/v2/", headers)).isEqualTo(401);
    assertThat(status("/v2/", CI)).isEqualTo(200);
  }

  @Test
  void whereAnonymousClientsMayPullEverythingThePingAsksForNothing() throws IOException {
    serve(withAnonymous("**"));
    assertThat(status("/v2/")).isEqualTo(200);
    assertThat(status("/v2/", Users.header("ci", "wrong"))).isEqualTo(401);
  }

  @Test
  void whoLogsInMayPullWhatAnonymousClientsMay() throws IOException {
    serve(
        new Config.Auth(
            Optional.of(users.file()),
            Optional.of(allowed("hub/team/*")),
            Map.of("ci", allowed("hub/secret/*"))));
    for (String login : List.of(CI, OPS)) {
      assertThat(status("/v2/hub/team/app/manifests/v1", login)).isEqualTo(200);
    }
    assertThat(status("/v2/hub/secret/app/manifests/v1", CI)).isEqualTo(200);
    assertThat(status("/v2/hub/secret/app/manifests/v1", OPS)).isEqualTo(403);
  }

  private void servePrivateUpstream(String host, boolean allowAnonymous, Config.Auth auth)
      throws IOException {
    Path password = Files.writeString(folder.resolve("password"), "upstream's");
    Credentials login = new Credentials.Login("me", new SecretSource.InFile(password));
    weir.close();
    weir =
        WeirServer.in(folder.resolve("data"))
            .listen(host)
            .auth(auth)
            .upstream("hub", upstream.url())
            .upstream(
                "private",
                config ->
                    allowAnonymous
                        ? config.credentials(login).allowAnonymous()
                        : config.credentials(login),
                upstream.url())
            .start();
  }

  @Test
  void whatNeedsTheServersCredentialsIsNotForAnonymousClients() throws IOException {
    servePrivateUpstream("0.0.0.0", false, withAnonymous("**"));
    assertThat(status("/v2/private/team/app/manifests/v1")).isEqualTo(401);
    assertThat(status("/v2/")).isEqualTo(401);
    assertThat(status("/v2/private/team/app/manifests/v1", CI)).isEqualTo(200);
    assertThat(status("/v2/private/team/app/manifests/v1")).isEqualTo(401);
    assertThat(get("/v2/_catalog").text()).isEqualTo("{\"repositories\":[]}");
    assertThat(status("/v2/hub/team/app/manifests/v1")).isEqualTo(200);
  }

  @Test
  void strangersDoNotLearnWhichUpstreamsThereAre() throws IOException {
    servePrivateUpstream("0.0.0.0", false, usersOnly());
    for (String upstream : List.of("hub", "private", "nowhere")) {
      assertThat(status("/v2/" + upstream + "/team/app/manifests/v1")).isEqualTo(401);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "0.0.0.0"})
  void unlessTheUpstreamOrALoopbackAddressLetsThem(String host) throws IOException {
    servePrivateUpstream(host, host.equals("0.0.0.0"), withAnonymous("**"));
    assertThat(status("/v2/private/team/app/manifests/v1")).isEqualTo(200);
    assertThat(status("/v2/")).isEqualTo(200);
  }

  // Changes

  @Test
  void theFileIsReadAgainWhilePullsRunAndNoneOfThemBreaks() throws Exception {
    AtomicBoolean hasEnded = new AtomicBoolean();
    List<Future<Integer>> pulls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      pulls.add(
          threads.submit(() -> {
            int count = 0;
            while (!hasEnded.get() || count == 0) {
              assertThat(status("/v2/hub/team/app/manifests/v1", OPS)).isEqualTo(200);
              count++;
            }
            return count;
          }));
    }
    for (int i = 0; i < 10; i++) {
      users.put("ci", "secret" + i).put("user" + i, "password");
      look();
      assertThat(status("/v2/", Users.header("ci", "secret" + i))).isEqualTo(200);
      assertThat(status("/v2/", Users.header("ci", "secret" + (i - 1)))).isEqualTo(401);
      assertThat(status("/v2/", Users.header("user" + i, "password"))).isEqualTo(200);
    }
    hasEnded.set(true);
    for (Future<Integer> pull : pulls) {
      assertThat(pull.get()).isPositive();
    }
    users.remove("ops");
    look();
    assertThat(status("/v2/hub/team/app/manifests/v1", OPS)).isEqualTo(401);
  }

  @Test
  void aBrokenFileChangesNothing() throws IOException {
    Files.writeString(users.file(), "ci:secret\n");
    look();
    assertThat(status("/v2/", CI)).isEqualTo(200);
    Files.delete(users.file());
    look();
    assertThat(status("/v2/", OPS)).isEqualTo(200);

    users.put("ci", "new");
    look();
    assertThat(status("/v2/", CI)).isEqualTo(401);
    assertThat(status("/v2/", Users.header("ci", "new"))).isEqualTo(200);
  }

  @Test
  void aReloadBeginsAndEndsIt() throws IOException {
    serveEverybody();
    assertThat(status("/v2/")).isEqualTo(200);
    assertThat(weir.reload(builder(usersOnly()))).doesNotContain("registry.auth");
    assertThat(status("/v2/")).isEqualTo(401);
    assertThat(status("/v2/", CI)).isEqualTo(200);
    serveEverybody();
    assertThat(status("/v2/")).isEqualTo(200);
  }

  // Guesses

  @Test
  void whoGuessesIsToldWhenToComeAgain() throws IOException {
    Http.Answer answer = get("/v2/", Users.header("ci", "guess"));
    for (int i = 0; answer.status() == 401; i++) {
      answer = get("/v2/", Users.header("ci", "guess" + i));
    }
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.header("Retry-After")).isEqualTo("1");
    assertThat(answer.text()).contains("TOOMANYREQUESTS").doesNotContain("guess");
    clock.advance(Duration.ofSeconds(1));
    assertThat(status("/v2/", Users.header("ci", "guess?"))).isEqualTo(401);
  }

  /** With hashes as slow as real ones: each guess that is looked at takes a processor for long. */
  @Test
  void aFloodOfGuessesHoldsUpNobodyWhoIsLoggedIn() throws Exception {
    users.put("ci", "secret", 10).put("root", "unknown", 10);
    look();
    assertThat(status("/v2/hub/team/app/manifests/v1", CI)).isEqualTo(200);

    List<Future<Integer>> guesses = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      String guess = Users.header("root", "guess" + i);
      guesses.add(threads.submit(() -> status("/v2/", guess)));
    }
    for (int i = 0; i < 200; i++) {
      assertThat(status("/v2/hub/team/app/manifests/v1", CI)).isEqualTo(200);
    }
    int lookedAt = 0;
    for (Future<Integer> guess : guesses) {
      assertThat(guess.get()).isIn(401, 429);
      lookedAt += guess.get() == 401 ? 1 : 0;
    }
    assertThat(lookedAt).isEqualTo(10);
    assertThat(metric("weir_logins_total{result=\"accepted\"}")).isEqualTo("1.0");
    assertThat(metric("weir_logins_total{result=\"refused\"}")).isEqualTo("10.0");
    assertThat(metric("weir_logins_total{result=\"held_up\"}")).isEqualTo("490.0");
  }
}
