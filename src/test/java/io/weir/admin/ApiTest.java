package io.weir.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.TagsConfig;
import io.weir.oci.Digest;
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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the API answers about content that was pulled, and what it does to it. */
@Timeout(60)
class ApiTest {

  /** A request that is followed by a chunk of 300000 bytes. */
  private static final String CHUNKED =
      """
      POST /api/v1/pins HTTP/1.1\r
      Host: localhost\r
      Content-Type: application/json\r
      Transfer-Encoding: chunked\r
      \r
      493E0\r
      """;

  @TempDir private Path data;
  private final FakeClock clock = new FakeClock();
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;
  private ScriptedUpstream.Image app;
  private ApiClient api;

  @BeforeEach
  void start() throws IOException {
    app = upstream.image("team/app", "v1", bytes("one"), new byte[5000]);
    upstream.image("team/tool", "2.0", bytes("two"));
    upstream.image("library/base", "latest", bytes("three"));
    weir =
        WeirServer.in(data)
            .clock(clock)
            .tags(Duration.ofMinutes(1), TagsConfig.StaleIfError.ALWAYS)
            .pin("hub/library/**")
            .upstream("other", upstream.url())
            .ttl(Duration.ofDays(7))
            .upstream("hub", upstream.url())
            .start();
    api = new ApiClient(weir.adminPort());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Returns when all of the image is in the index. */
  private void pull(String repository, String tag) throws IOException {
    Http.Answer manifest = get("/v2/" + repository + "/manifests/" + tag);
    assertThat(manifest.status()).isEqualTo(200);
    JsonNode document = ApiClient.JSON.readTree(manifest.body());
    List<String> digests = new ArrayList<>();
    digests.add(document.at("/config/digest").asString());
    document.path("layers").forEach(layer -> digests.add(layer.path("digest").asString()));
    for (String digest : digests) {
      assertThat(get("/v2/" + repository + "/blobs/" + digest).whole()).isTrue();
    }
    Instant end = Instant.now().plusSeconds(20);
    while (!isWhole(repository)) {
      assertThat(Instant.now()).as(repository).isBefore(end);
    }
  }

  private boolean isWhole(String repository) throws IOException {
    JsonNode images = api.get("/api/v1/images?pattern=" + repository).body().path("images");
    return images.size() == 1
        && images.at("/0/missing").asInt() == 0
        && !images.at("/0/platforms").isEmpty();
  }

  private Http.Answer get(String path) throws IOException {
    return Http.get(weir.port(), path);
  }

  // images

  @Test
  void anImageIsListedWithAllThatOneWantsToKnow() throws IOException {
    pull("hub/team/app", "v1");
    Instant pulled = clock.instant();
    clock.advance(Duration.ofHours(3));

    JsonNode image = api.get("/api/v1/images").body().at("/images/0");

    assertThat(image.path("reference").asString()).isEqualTo("hub/team/app:v1");
    assertThat(image.path("upstream").asString()).isEqualTo("hub");
    assertThat(image.path("repository").asString()).isEqualTo("team/app");
    assertThat(image.path("tags")).extracting(JsonNode::asString).containsExactly("v1");
    assertThat(image.path("digest").asString()).isEqualTo(app.digest().toString());
    assertThat(image.path("platforms"))
        .extracting(JsonNode::asString)
        .containsExactly("linux/amd64");
    assertThat(image.path("blobs").asInt()).isEqualTo(4);
    assertThat(image.path("sizeBytes").asLong()).isGreaterThan(5000);
    assertThat(image.path("lastPull").asString()).isEqualTo(pulled.toString());
    assertThat(image.path("pinned").asBoolean()).isFalse();
  }

  @Test
  void aPinnedImageIsListedAsSuch() throws IOException {
    pull("hub/library/base", "latest");

    assertThat(api.get("/api/v1/images").body().at("/images/0/pinned").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "'', 3",
    "upstream=hub, 2",
    "upstream=nobody, 0",
    "repository=team/app, 2",
    "upstream=other&repository=team/app, 1",
    "pattern=hub/**, 2",
    "pattern=**:2.*, 1",
    "pattern=hub%2Fteam%2Fapp:v1, 1",
    "pattern=**:v1&upstream=other, 1",
    "search=team, 3",
    "search=TEAM%20hub, 2",
    "search=%20v1%20%20other%20, 1",
    "search=linux/amd64, 3",
    "search=arm64, 0",
    "search=, 3",
    "search=hub/team/app:v1, 1",
    "search=team&upstream=hub&pattern=**:2.*, 1",
  })
  void aListHasOnlyWhatItIsAskedFor(String query, int count) throws IOException {
    pull("hub/team/app", "v1");
    pull("hub/team/tool", "2.0");
    pull("other/team/app", "v1");

    JsonNode page = api.get("/api/v1/images?" + query).body();
    assertThat(page.path("images")).hasSize(count);
    assertThat(page.path("total").asInt()).isEqualTo(count);
  }

  @Test
  void aListComesInPagesThatLeadToEachOther() throws IOException {
    pull("hub/library/base", "latest");
    pull("hub/team/app", "v1");
    pull("hub/team/tool", "2.0");
    List<String> listed = new ArrayList<>();
    String path = "/api/v1/images?limit=1&pattern=hub/**";
    while (!path.isEmpty()) {
      ApiClient.Answer page = api.get(path);
      page.body().path("images").forEach(image -> listed.add(image.path("reference").asString()));
      assertThat(page.body().path("total").asInt()).isEqualTo(3);
      String link = page.headers().getOrDefault("link", "");
      assertThat(link.isEmpty()).isEqualTo(!page.body().has("next"));
      path = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
    }

    assertThat(listed)
        .containsExactly("hub/library/base:latest", "hub/team/app:v1", "hub/team/tool:2.0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit=0",
        "limit=1001",
        "limit=many",
        "limit=1&limit=2",
        "from=nowhere",
        "from=a/b@c",
        "pattern=alpine",
        "pattern=hub/a@sha256:12",
        "pattern=%C3%28",
        "pattern=%",
        "pattern=%2",
        "pattern=",
        "search=a%20b%20c%20d%20e%20f%20g%20h%20i",
        "search=a&search=b",
        "from=a/b",
        "page=2",
        "%00=1",
      })
  void aListThatCannotBeIsRefused(String query) throws IOException {
    assertThat(api.get("/api/v1/images?" + query).status()).isEqualTo(400);
  }

  @Test
  void anImageIsShownWithAllThatItIsMadeOfAndWhatOthersNeedOfIt() throws IOException {
    upstream.image("team/twin", "v1", bytes("one"), new byte[5000]);
    pull("hub/team/app", "v1");
    pull("hub/team/twin", "v1");

    JsonNode image = api.get("/api/v1/images/hub/team/app:v1").body();

    JsonNode listed = api.get("/api/v1/images?repository=team/app").body().at("/images/0");
    listed
        .properties()
        .forEach(member ->
            assertThat(image.path(member.getKey()))
                .as(member.getKey())
                .isEqualTo(member.getValue()));
    assertThat(image.path("content"))
        .extracting(piece -> piece.path("kind").asString())
        .containsExactly("manifest", "config", "layer", "layer");
    assertThat(image.at("/content/0/digest").asString()).isEqualTo(app.digest().toString());
    assertThat(image.at("/content/0/sharedByCount").asInt()).isZero();
    assertThat(image.at("/content/1/platform").asString()).isEqualTo("linux/amd64");
    assertThat(image.at("/content/3/sharedBy/0").asString()).isEqualTo("hub/team/twin:v1");
    assertThat(image.at("/content/3/sharedByCount").asInt()).isEqualTo(1);
    assertThat(image.at("/content/3/stored").asBoolean()).isTrue();
    assertThat(image.path("sharedBytes").asInt()).isEqualTo(3 + 5000);
    assertThat(image.path("uniqueBytes").asLong())
        .isEqualTo(
            api.delete("/api/v1/images/hub/team/app:v1?dryRun=true")
                .body()
                .path("freedBytes")
                .asLong());
  }

  @Test
  void anImageIsShownByItsDigestToo() throws IOException {
    pull("hub/team/app", "v1");

    for (String name : List.of("hub/team/app@", "hub%2Fteam%2Fapp%40", "hub/team/app:any@")) {
      assertThat(api.get("/api/v1/images/" + name + app.digest()).text("/reference"))
          .isEqualTo("hub/team/app:v1");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "hub/team/app:v2, 404",
    "hub/team/app, 404",
    "other/team/app:v1, 404",
    "nobody/team/app:v1, 404",
    "hub/..%2f..%2fetc/passwd:v1, 400",
    "hub/team/*:v1, 400",
    "hub, 400",
    "hub:v1, 400",
    "hub/team/app:, 400",
    "hub/team/app@sha256:12, 400",
    "hub/TEAM/app:v1, 400",
    "hub/team/app:v1?tags=1, 400",
    "%FF, 400",
  })
  void anImageThatIsNotStoredIsNotShown(String name, int status) throws IOException {
    pull("hub/team/app", "v1");

    assertThat(api.get("/api/v1/images/" + name).status()).isEqualTo(status);
  }

  // eviction

  @Test
  void aDryRunSaysWhatWouldGoAndTakesNothing() throws IOException {
    pull("hub/team/app", "v1");

    JsonNode dry = api.delete("/api/v1/images/hub/team/app:v1?dryRun=true").body();

    assertThat(dry.path("dryRun").asBoolean()).isTrue();
    assertThat(dry.at("/images/0/reference").asString()).isEqualTo("hub/team/app:v1");
    assertThat(dry.at("/images/0/reason").asString()).isEqualTo("manual");
    assertThat(dry.path("freedBytes").asLong()).isGreaterThan(5000);
    assertThat(api.get("/api/v1/images").body().path("images")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"hub/team/app:v1", "hub%2Fteam%2Fapp%3Av1", "hub/team/*", "hub/**", "%2A%2A:v1"})
  void whatAPatternMatchesGoes(String pattern) throws IOException {
    pull("hub/team/app", "v1");
    pull("hub/library/base", "latest");

    JsonNode gone = api.delete("/api/v1/images/" + pattern).body();

    assertThat(gone.path("dryRun").asBoolean()).isFalse();
    assertThat(gone.path("count").asInt()).isEqualTo(1);
    assertThat(gone.path("freedBlobs").asInt()).isEqualTo(4);
    assertThat(api.get("/api/v1/images").body().path("images")).hasSize(1);
    upstream.forgetRequests();
    assertThat(get("/v2/hub/team/app/manifests/v1").status()).isEqualTo(200);
    assertThat(upstream.requests()).as("it is fetched again").isNotEmpty();
  }

  @Test
  void aPinnedImageStaysWhoeverWantsItGone() throws IOException {
    pull("hub/library/base", "latest");

    assertThat(api.delete("/api/v1/images/hub/library/base").body().path("count").asInt()).isZero();
    assertThat(api.get("/api/v1/images").body().path("images")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alpine",
        "hub/team/app:v1@" + "sha256:12",
        "HUB/**",
        "hub/***",
        "%FF%FE",
        "hub/%00",
      })
  void aPatternThatIsNoneEvictsNothing(String pattern) throws IOException {
    pull("hub/team/app", "v1");

    assertThat(api.delete("/api/v1/images/" + pattern).status()).isEqualTo(400);
    assertThat(api.get("/api/v1/images").body().path("images")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"..%2f..%2f..%2fetc%2fpasswd", "../../../../etc/passwd", "-/..", "*/."})
  void aPatternThatCouldBeAPathMatchesNothing(String pattern) throws IOException {
    pull("hub/team/app", "v1");

    assertThat(api.delete("/api/v1/images/" + pattern).body().path("count").asInt()).isZero();
    assertThat(api.get("/api/v1/images").body().path("images")).hasSize(1);
  }

  @Test
  void aPatternOfTenThousandCharactersIsRefused() throws IOException {
    assertThat(api.delete("/api/v1/images/hub/" + "a".repeat(10_000)).status()).isEqualTo(400);
    assertThat(api.delete("/api/v1/images/hub/" + "*a".repeat(200)).status()).isEqualTo(200);
    assertThat(
            api.post("/api/v1/pins", "{\"pattern\":\"hub/%s\"}".formatted("a".repeat(10_000)))
                .status())
        .isEqualTo(400);
  }

  @Test
  void allMayNotBeEvictedByMistake() throws IOException {
    assertThat(api.delete("/api/v1/images").status()).isEqualTo(405);
    assertThat(api.delete("/api/v1/images/").status()).isEqualTo(404);
    assertThat(api.delete("/api/v1/images/**?dryrun=true").status()).isEqualTo(400);
    assertThat(api.delete("/api/v1/images/**?dryRun=yes").status()).isEqualTo(400);
  }

  // pins

  @Test
  void aPinIsAddedListedAndRemoved() throws IOException {
    ApiClient.Answer added = api.post("/api/v1/pins", "{\"pattern\":\"hub/team/*:v1\"}");
    assertThat(added.status()).isEqualTo(201);
    assertThat(added.headers()).containsEntry("location", "/api/v1/pins/hub/team/*:v1");
    assertThat(api.post("/api/v1/pins", "{\"pattern\":\"hub/team/*:v1\"}").status()).isEqualTo(200);

    assertThat(api.get("/api/v1/pins").body().path("pins"))
        .extracting(pin -> pin.path("source").asString() + ' ' + pin.path("pattern").asString())
        .containsExactly("configuration hub/library/**", "added hub/team/*:v1");

    assertThat(api.delete("/api/v1/pins/hub/team/*:v1").status()).isEqualTo(204);
    assertThat(api.delete("/api/v1/pins/hub/team/*:v1").status()).isEqualTo(404);
    assertThat(api.get("/api/v1/pins").body().path("pins")).hasSize(1);
  }

  @Test
  void aPinOfTheConfigurationCannotBeRemoved() throws IOException {
    ApiClient.Answer answer = api.delete("/api/v1/pins/hub/library/**");

    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.text("/detail"))
        .isEqualTo("hub/library/** is pinned by the configuration; it can go only from there");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "\"hub/**\"",
        "{",
        "{}",
        "{\"pattern\":null}",
        "{\"pattern\":1}",
        "{\"pattern\":[\"hub/**\"]}",
        "{\"pattern\":\"nonsense\"}",
        "{\"pattern\":\"hub/**\",\"for\":\"ever\"}",
        "{\"pattern\":\"hub/**\",\"pattern\":\"**\"}",
        "{\"pattern\":\"hub/**\"} {}",
      })
  void aPinThatIsNoneIsRefused(String body) throws IOException {
    assertThat(api.post("/api/v1/pins", body).status()).isEqualTo(400);
    assertThat(api.get("/api/v1/pins").body().path("pins")).hasSize(1);
  }

  // jobs

  @Test
  void whatHasExpiredGoesInAJob() throws IOException {
    pull("hub/team/app", "v1");
    pull("other/team/app", "v1");
    clock.advance(Duration.ofDays(8));
    pull("hub/library/base", "latest");

    ApiClient.Answer begun = api.post("/api/v1/jobs", "{\"kind\":\"gc\",\"dryRun\":true}");
    assertThat(begun.status()).isEqualTo(202);
    JsonNode dry = api.get(begun.header("location") + "?wait=20s").body();
    assertThat(dry.path("state").asString()).isEqualTo("done");
    assertThat(dry.at("/result/images/0/reference").asString()).isEqualTo("hub/team/app:v1");
    assertThat(dry.at("/result/images/0/reason").asString()).isEqualTo("ttl");
    JsonNode inShort = api.get("/api/v1/jobs").body().at("/jobs/0/result");
    assertThat(inShort.path("count").asInt()).isEqualTo(1);
    assertThat(inShort.has("images")).isFalse();
    assertThat(api.get("/api/v1/images").body().path("images")).hasSize(3);

    String real = api.post("/api/v1/jobs", "{\"kind\":\"gc\"}").header("location");
    assertThat(api.get(real + "?wait=20s").body().at("/result/count").asInt()).isEqualTo(1);
    assertThat(api.get("/api/v1/images").body().path("images")).hasSize(2);
    assertThat(api.get("/api/v1/jobs").body().path("jobs"))
        .extracting(job -> job.path("id").asString())
        .containsExactly("2", "1");
  }

  @Test
  void aJobThatHasEndedCannotBeCancelledAnyMore() throws IOException {
    String job = api.post("/api/v1/jobs", "{\"kind\":\"gc\"}").header("location");
    assertThat(api.get(job + "?wait=20s").text("/state")).isEqualTo("done");

    assertThat(api.delete(job).status()).isEqualTo(202);
    assertThat(api.get(job).text("/state")).isEqualTo("done");
  }

  private void damage(Digest blob) throws IOException {
    Path file = data.resolve("blobs").resolve("sha256").resolve(blob.hex());
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2]++;
    Files.write(file, content);
  }

  private JsonNode scrub(String options) throws IOException {
    String job =
        api.post("/api/v1/jobs", "{\"kind\":\"scrub\"%s}".formatted(options)).header("location");
    JsonNode ended = api.get(job + "?wait=20s").body();
    assertThat(ended.path("state").asString()).isEqualTo("done");
    return ended;
  }

  @Test
  void aScrubSaysWhatIsDamaged() throws IOException {
    pull("hub/team/app", "v1");
    damage(app.layers().getLast());

    JsonNode scrubbed = scrub("");

    assertThat(scrubbed.at("/result/blobs").asInt()).isEqualTo(4);
    assertThat(scrubbed.at("/progress/unit").asString()).isEqualTo("bytes");
    assertThat(scrubbed.at("/progress/done").asLong()).isGreaterThan(5000);
    assertThat(scrubbed.at("/result/damaged/0/digest").asString())
        .isEqualTo(app.layers().getLast().toString());
    assertThat(scrubbed.at("/result/damaged/0/repositories/0").asString())
        .isEqualTo("hub/team/app");
    assertThat(scrubbed.at("/result/unrepaired").asInt()).isEqualTo(1);
    assertThat(api.get("/api/v1/images").body().at("/images/0/missing").asInt()).isEqualTo(1);
    assertThat(api.get("/api/v1/status").body().at("/lastScrub/damaged").asInt()).isEqualTo(1);
  }

  @Test
  void aScrubMendsWhatIsDamagedWhereItIsToldTo() throws IOException {
    pull("hub/team/app", "v1");
    damage(app.layers().getLast());

    JsonNode result = scrub(",\"repair\":true,\"bytesPerSecond\":1000000000").path("result");

    assertThat(result.path("count").asInt()).isEqualTo(1);
    assertThat(result.path("unrepaired").asInt()).isZero();
    assertThat(result.at("/damaged/0").has("unrepaired")).isFalse();
    assertThat(api.get("/api/v1/images").body().at("/images/0/missing").asInt()).isZero();
  }

  @Test
  void aScrubCanBeFollowedAndCancelledAndRunsAlone() throws IOException {
    pull("hub/team/app", "v1");
    String scrub = "{\"kind\":\"scrub\",\"bytesPerSecond\":1}";

    String job = api.post("/api/v1/jobs", scrub).header("location");
    assertThat(api.get(job).text("/state")).isEqualTo("running");
    ApiClient.Answer second = api.post("/api/v1/jobs", scrub);
    assertThat(second.status()).isEqualTo(409);
    assertThat(second.header("location")).isEqualTo(job);

    assertThat(api.delete(job).status()).isEqualTo(202);
    JsonNode ended = api.get(job + "?wait=20s").body();
    assertThat(ended.path("state").asString()).isEqualTo("cancelled");
    assertThat(ended.at("/result/complete").asBoolean()).isFalse();
  }

  @Test
  void aServerThatStopsDoesNotWaitForAScrub() throws IOException {
    pull("hub/team/app", "v1");
    assertThat(api.post("/api/v1/jobs", "{\"kind\":\"scrub\",\"bytesPerSecond\":1}").status())
        .isEqualTo(202);

    weir.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"kind\":\"scrub\",\"bytesPerSecond\":0}",
        "{\"kind\":\"scrub\",\"bytesPerSecond\":1.5}",
        "{\"kind\":\"scrub\",\"bytesPerSecond\":9223372036854775808}",
        "{\"kind\":\"scrub\",\"dryRun\":true}",
        "{\"kind\":\"format\"}",
        "{\"kind\":7}",
        "{\"kind\":\"gc\",\"dryRun\":\"true\"}",
        "{\"kind\":\"gc\",\"dryRun\":1}",
        "{\"kind\":\"gc\",\"repair\":true}",
      })
  void aJobThatCannotBeIsRefused(String body) throws IOException {
    assertThat(api.post("/api/v1/jobs", body).status()).isEqualTo(400);
    assertThat(api.get("/api/v1/jobs").body().path("jobs")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/v1/jobs/1", "/api/v1/jobs/..", "/api/v1/jobs/%2e%2e%2fstatus"})
  void aJobThatNobodyBeganIsNotThere(String path) throws IOException {
    assertThat(api.get(path).status()).isEqualTo(404);
    assertThat(api.delete(path).status()).isEqualTo(404);
  }

  // status

  /** A client has its answer a moment before that is counted. */
  private JsonNode statusAfter(int requests) throws IOException {
    Instant end = Instant.now().plusSeconds(20);
    JsonNode status = api.get("/api/v1/status").body();
    while (status.at("/requests/total").asInt() < requests) {
      assertThat(Instant.now()).isBefore(end);
      status = api.get("/api/v1/status").body();
    }
    return status;
  }

  @Test
  void theStatusAddsUpWhatWasPulled() throws IOException {
    pull("hub/team/app", "v1");
    get("/v2/hub/team/app/manifests/v1");
    clock.advance(Duration.ofMinutes(90));

    JsonNode status = statusAfter(5);

    assertThat(status.path("uptime").asString()).isEqualTo("PT1H30M");
    assertThat(status.at("/store/path").asString()).isEqualTo(data.toString());
    assertThat(status.at("/store/blobs").asInt()).isEqualTo(4);
    assertThat(status.at("/store/bytes").asLong()).isGreaterThan(5000);
    assertThat(status.at("/store/capacityBytes").asLong()).isPositive();
    assertThat(status.at("/store/full").asBoolean()).isFalse();
    assertThat(status.at("/requests/byOutcome/miss").asInt()).isEqualTo(4);
    assertThat(status.at("/requests/hits").asInt()).isPositive();
    assertThat(status.at("/requests/receivedBytes").asLong()).isGreaterThan(5000);
    assertThat(status.path("upstreams")).hasSize(2);
    assertThat(status.has("obstacle")).isFalse();
  }

  @Test
  void anUpstreamHasWhatIsStoredOfItAndHowItIs() throws IOException {
    upstream
        .on("GET", "/v2/team/app/manifests/.*")
        .header("ratelimit-limit", "100;w=21600")
        .header("ratelimit-remaining", "97;w=21600");
    pull("hub/team/app", "v1");

    JsonNode upstreams = api.get("/api/v1/upstreams").body().path("upstreams");

    assertThat(upstreams).hasSize(2);
    assertThat(upstreams.at("/1/name").asString()).isEqualTo("hub");
    assertThat(upstreams.at("/1/up").asBoolean()).isTrue();
    assertThat(upstreams.at("/1/blobs").asInt()).isEqualTo(4);
    assertThat(upstreams.at("/1/ttl").asString()).isEqualTo("PT168H");
    assertThat(upstreams.at("/1/rateLimitRemaining").asInt()).isEqualTo(97);
    assertThat(upstreams.at("/1/rateLimit/limit").asInt()).isEqualTo(100);
    assertThat(upstreams.at("/1/rateLimit/remaining").asInt()).isEqualTo(97);
    assertThat(upstreams.at("/1/rateLimit/window").asString()).isEqualTo("PT6H");
    assertThat(upstreams.at("/1/lastAnswer").asString()).isEqualTo(clock.instant().toString());
    assertThat(upstreams.at("/1").has("lastError")).isFalse();
    assertThat(upstreams.at("/0/blobs").asInt()).isZero();
    assertThat(upstreams.at("/0").has("rateLimitRemaining")).isFalse();
    assertThat(upstreams.at("/0").has("rateLimit")).isFalse();
    assertThat(upstreams.at("/0").has("lastAnswer")).isFalse();
  }

  @Test
  void anUpstreamThatIsGoneFromTheConfigurationIsListedWhileSomethingOfItIsStored()
      throws IOException {
    pull("hub/team/app", "v1");
    weir.reload(WeirServer.in(data).upstream("other", upstream.url()));

    JsonNode upstreams = api.get("/api/v1/upstreams").body().path("upstreams");

    assertThat(upstreams)
        .extracting(some -> some.path("name").asString())
        .containsExactly("other", "hub");
    assertThat(upstreams.at("/1/configured").asBoolean()).isFalse();
    assertThat(upstreams.at("/1/bytes").asLong()).isPositive();
  }

  @Test
  void anUpstreamThatFailedSaysHowAndIsOfUseAgainWhenItIsAsked() throws IOException {
    upstream.goOffline();
    assertThat(get("/v2/hub/team/app/manifests/v1").status()).isEqualTo(502);
    JsonNode failed = api.get("/api/v1/upstreams").body().at("/upstreams/1");
    assertThat(failed.path("up").asBoolean()).isFalse();
    assertThat(failed.at("/lastError/reason").asString()).startsWith("hub: connection refused");
    assertThat(failed.at("/lastError/at").asString()).isEqualTo(clock.instant().toString());

    JsonNode down = check("hub").body();
    assertThat(down.path("up").asBoolean()).isFalse();
    assertThat(down.path("problem").asString()).startsWith("hub: connection refused");
    upstream.goOnline();
    assertThat(get("/v2/hub/library/base/manifests/latest").status())
        .as("left alone for a second")
        .isEqualTo(502);

    JsonNode up = check("hub").body();
    assertThat(up.path("name").asString()).isEqualTo("hub");
    assertThat(up.path("up").asBoolean()).isTrue();
    assertThat(up.path("seconds").asDouble()).isBetween(0.0, 20.0);
    assertThat(up.has("problem")).isFalse();
    assertThat(get("/v2/hub/team/tool/manifests/2.0").status()).isEqualTo(200);
    assertThat(get("/v2/hub/team/app/manifests/v1").status())
        .as("what failed before, a moment ago")
        .isEqualTo(200);
  }

  /** Whoever has asked one upstream has found out nothing about another. */
  @Test
  void onlyWhatTheUpstreamThatWasAskedCouldNotGiveIsForgotten() throws IOException {
    for (String name : List.of("hub", "other")) {
      assertThat(get("/v2/" + name + "/team/later/manifests/v1").status()).isEqualTo(404);
    }
    upstream.image("team/later", "v1", new byte[10]);

    assertThat(check("hub").body().path("up").asBoolean()).isTrue();

    assertThat(get("/v2/hub/team/later/manifests/v1").status()).isEqualTo(200);
    assertThat(get("/v2/other/team/later/manifests/v1").status()).isEqualTo(404);
  }

  private ApiClient.Answer check(String upstream, String... headers) throws IOException {
    return api.send("POST", "/api/v1/upstreams/" + upstream + "/check", "", headers);
  }

  @Test
  void onlyAnUpstreamThatIsConfiguredIsAskedAndNotForAPageFromElsewhere() throws IOException {
    assertThat(check("nobody").status()).isEqualTo(404);
    assertThat(check("-").status()).isEqualTo(404);
    assertThat(check("..%2fhub").status()).isEqualTo(404);
    assertThat(check("hub", "Origin: http://evil.example").status()).isEqualTo(403);
    assertThat(upstream.requests()).isEmpty();
  }

  // HTTP

  @ParameterizedTest
  @CsvSource({
    "POST, /api/v1/status, 'GET, HEAD'",
    "DELETE, /api/v1/status, 'GET, HEAD'",
    "PUT, /api/v1/pins, 'GET, HEAD, POST'",
    "POST, /api/v1/images/hub/team/app, 'GET, HEAD, DELETE'",
    "GET, /api/v1/upstreams/hub/check, POST",
    "OPTIONS, /api/v1/jobs/1, 'GET, HEAD, DELETE'",
  })
  void aMethodThatAPathDoesNotTakeIsRefusedWithThoseThatItTakes(
      String method, String path, String allowed) throws IOException {
    ApiClient.Answer answer = api.send(method, path, "");

    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.headers()).containsEntry("allow", allowed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/api/", "/api/v1", "/api/v1/", "/api/v2/status", "/api/v1/status/", "/api//v1"})
  void anotherPathIsNotThere(String path) throws IOException {
    assertThat(api.get(path).status()).isEqualTo(404);
  }

  @Test
  void headHasTheHeadersOfGet() throws IOException {
    Http.Answer head = Http.head(weir.adminPort(), "/api/v1/pins");

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Type")).isEqualTo("application/json");
    assertThat(Integer.parseInt(head.header("Content-Length"))).isPositive();
  }

  @Test
  void aBodyThatIsTooLongIsRefusedBeforeItsEnd() throws IOException {
    String endless = "{\"pattern\":\"" + "a".repeat(300_000);

    assertThat(api.post("/api/v1/pins", endless).status()).isEqualTo(413);
    assertThat(Http.raw(weir.adminPort(), CHUNKED + "b".repeat(300_000) + "\r\n").status())
        .isEqualTo(413);
  }

  @Test
  void aBodyOfBytesThatAreNoTextIsRefused() throws IOException {
    String request =
        """
        POST /api/v1/pins HTTP/1.1\r
        Host: localhost\r
        Connection: close\r
        Content-Type: application/json\r
        Content-Length: 17\r
        \r
        {"pattern":"\u00ff\u00fe\u00c0"}\
        """;
    Http.Answer answer = Http.raw(weir.adminPort(), request);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
  }

  @Test
  void whatIsNoHttpIsAProblemToo() throws IOException {
    Http.Answer answer = Http.raw(weir.adminPort(), "NONSENSE\r\n\r\n");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
  }

  @Test
  void aProblemNamesTheRequestAndHasNoStack() throws IOException {
    JsonNode problem = api.get("/api/v1/images?limit=x").body();

    assertThat(problem.path("instance").asString()).isEqualTo("/api/v1/images");
    assertThat(problem.path("title").asString()).isEqualTo("Bad Request");
    assertThat(problem.toString()).doesNotContain("Exception", "io.weir");
  }

  @Test
  void theDescriptionIsServed() throws IOException {
    assertThat(api.get("/api/v1/openapi.json").text("/openapi")).isEqualTo("3.1.1");
  }
}
