package io.weir.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.config.Size;
import io.weir.config.TagsConfig;
import io.weir.oci.Digest;
import io.weir.oci.MediaType;
import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Images that are fetched before anybody pulls them: what it asks, what comes of it. */
@Timeout(60)
class WarmTest {

  private static final int LAYER_BYTES = 200_000;

  @TempDir private Path data;
  private final FakeClock clock = new FakeClock();
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  @AutoClose private WeirServer weir;
  private ScriptedUpstream.Image app;
  private Digest layer;
  private ApiClient api;

  @BeforeEach
  void start() throws IOException {
    app = upstream.image("team/app", "v1", bytes("small"), new byte[LAYER_BYTES]);
    layer = app.layers().getLast();
    upstream.image("library/base", "latest", bytes("base"));
    weir = server().start();
    api = new ApiClient(weir.adminPort());
  }

  private WeirServer.Builder server() {
    return WeirServer.in(data)
        .clock(clock)
        .tags(Duration.ofMinutes(1), TagsConfig.StaleIfError.ALWAYS)
        .timeouts(Duration.ofSeconds(2), Duration.ofSeconds(60), Duration.ofSeconds(60))
        .upstream(
            "hub", config -> config.alias("h").deny("team/secret").connections(16), upstream.url())
        .upstream("docker.io", upstream.url());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String order(List<String> images, String... platforms) {
    ObjectNode order = ApiClient.JSON.createObjectNode().put("kind", "warm");
    ArrayNode names = order.putArray("images");
    images.forEach(names::add);
    if (platforms.length > 0) {
      ArrayNode wanted = order.putArray("platforms");
      Stream.of(platforms).forEach(wanted::add);
    }
    return order.toString();
  }

  /** Where the job is. */
  private String begin(String order) throws IOException {
    ApiClient.Answer begun = api.post("/api/v1/jobs", order);
    assertThat(begun.status()).isEqualTo(202);
    return begun.header("location");
  }

  private JsonNode end(String job) throws IOException {
    JsonNode ended = api.get(job + "?wait=30s").body();
    assertThat(ended.path("state").asString()).isNotEqualTo("running");
    return ended;
  }

  private JsonNode warm(List<String> images, String... platforms) throws IOException {
    JsonNode ended = end(begin(order(images, platforms)));
    assertThat(ended.path("state").asString()).isEqualTo("done");
    return ended.path("result");
  }

  private JsonNode warm(String image, String... platforms) throws IOException {
    return warm(List.of(image), platforms).at("/images/0");
  }

  private Http.Answer get(String path) throws IOException {
    return Http.get(weir.port(), path);
  }

  /** What would leave; all that was told the index before is in it then. */
  private JsonNode settle(String pattern) throws IOException {
    return api.delete("/api/v1/images/" + pattern + "?dryRun=true").body();
  }

  private void assertServedFromHere(String path) throws IOException {
    Http.Answer answer = get(path);
    assertThat(answer.status()).as(path).isEqualTo(200);
    assertThat(answer.header("Cache-Status")).as(path).startsWith("weir; hit");
  }

  // What it fetches.

  @Test
  void whatWasFetchedAheadIsServedWithoutItsRegistry() throws IOException {
    JsonNode warmed = warm("hub/team/app:v1");

    assertThat(warmed.has("error")).isFalse();
    assertThat(warmed.path("reference").asString()).isEqualTo("hub/team/app:v1");
    assertThat(warmed.path("digest").asString()).isEqualTo(app.digest().toString());
    assertThat(warmed.path("blobs").asInt()).isEqualTo(4);
    assertThat(warmed.path("bytes").asLong())
        .isEqualTo(
            app.manifest().length
                + upstream.sizeBytes(app.config())
                + "small".length()
                + LAYER_BYTES);
    assertThat(upstream.requests()).as("a manifest, a config, two layers").hasSize(4);
    upstream.goOffline();
    upstream.forgetRequests();
    assertServedFromHere("/v2/hub/team/app/manifests/v1");
    assertServedFromHere("/v2/hub/team/app/manifests/" + app.digest());
    for (Digest blob : List.of(app.config(), app.layers().getFirst(), layer)) {
      assertServedFromHere("/v2/hub/team/app/blobs/" + blob);
    }
    assertThat(get("/v2/hub/team/app/blobs/" + layer).body())
        .isEqualTo(upstream.bytes(layer, 0, LAYER_BYTES));
  }

  @Test
  void theJobSaysHowFarItIsInBytes() throws IOException {
    JsonNode ended = end(begin(order(List.of("hub/team/app:v1", "hub/library/base:latest"))));

    assertThat(ended.at("/progress/unit").asString()).isEqualTo("bytes");
    assertThat(ended.at("/progress/done").asLong())
        .isEqualTo(ended.at("/progress/total").asLong())
        .isEqualTo(
            ended.at("/result/images/0/bytes").asLong()
                + ended.at("/result/images/1/bytes").asLong());
    assertThat(ended.at("/result/failed").asInt()).isZero();
  }

  @Test
  void whatIsHereIsNotAskedForAgainBeforeItsTagIsOld() throws IOException {
    JsonNode first = warm("hub/team/app:v1");
    upstream.forgetRequests();

    assertThat(warm("hub/team/app:v1")).isEqualTo(first);
    assertThat(upstream.requests()).isEmpty();

    clock.advance(Duration.ofMinutes(2));
    assertThat(warm("hub/team/app:v1")).isEqualTo(first);
    assertThat(upstream.requests())
        .extracting(request -> request.method() + ' ' + request.path())
        .containsExactly("HEAD /v2/team/app/manifests/v1");
  }

  @Test
  void itIsAPullOfTheImage() throws IOException {
    warm("hub/team/app:v1");
    clock.advance(Duration.ofHours(5));
    warm("hub/team/app:v1");

    assertThat(settle("hub/team/app").at("/images/0/lastPull").asString())
        .isEqualTo(clock.instant().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"h/library/base", "docker.io/base", "docker.io/base:latest"})
  void anAliasAndTheShortNamesOfDockerHubAreUnderstood(String name) throws IOException {
    assertThat(warm(name).has("error")).isFalse();
    assertThat(upstream.count("GET", "/v2/library/base/manifests/latest")).isEqualTo(1);
  }

  @Test
  void aDigestIsAReferenceToo() throws IOException {
    JsonNode warmed = warm("hub/team/app:gone@" + app.digest());

    assertThat(warmed.has("error")).isFalse();
    assertThat(upstream.count("GET", "/v2/team/app/manifests/" + app.digest())).isEqualTo(1);
    assertThat(upstream.requests()).hasSize(4);
  }

  /** The bytes cross the network once; that the second repository has them costs a HEAD. */
  @Test
  void aLayerOfAnotherRepositoryIsEarnedAndNotFetchedAgain() throws IOException {
    upstream.image("team/twin", "v1", bytes("small"), new byte[LAYER_BYTES]);
    warm("hub/team/app:v1");
    upstream.forgetRequests();

    assertThat(warm("hub/team/twin:v1").has("error")).isFalse();

    assertThat(upstream.count("GET", "/v2/team/twin/blobs/" + layer)).isZero();
    assertThat(upstream.count("HEAD", "/v2/team/twin/blobs/" + layer)).isEqualTo(1);
    upstream.goOffline();
    assertServedFromHere("/v2/hub/team/twin/blobs/" + layer);
  }

  @Test
  void anImageThatStandsThereTwiceIsFetchedOnce() throws IOException {
    JsonNode result = warm(Collections.nCopies(20, "hub/team/app:v1"));

    assertThat(result.path("images")).hasSize(20);
    assertThat(result.path("failed").asInt()).isZero();
    assertThat(upstream.requests()).hasSize(4);
  }

  // Platforms.

  /** An image for many platforms, each of which has a layer that says its name. */
  private Digest index(String tag, String... platforms) {
    List<String> entries = new ArrayList<>();
    for (String platform : platforms) {
      ScriptedUpstream.Image image =
          upstream.image("team/many", "only-" + platform.replace('/', '-'), bytes(platform));
      String[] parts = platform.split("/", -1);
      String variant = parts.length > 2 ? ",\"variant\":\"%s\"".formatted(parts[2]) : "";
      entries.add(
          "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"%s\",\"architecture\":\"%s\"%s}}"
              .formatted(
                  MediaType.OCI_MANIFEST,
                  image.digest(),
                  image.manifest().length,
                  parts[0],
                  parts[1],
                  variant));
    }
    Digest digest =
        upstream.putManifest(
            "team/many",
            bytes(
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                    .formatted(MediaType.OCI_INDEX, String.join(",", entries))),
            MediaType.OCI_INDEX);
    upstream.tag("team/many", tag, digest);
    return digest;
  }

  private List<String> platformsHere() throws IOException {
    JsonNode _ = settle("hub/team/many");
    return api.get("/api/v1/images?search=team/many:v1")
        .body()
        .at("/images/0/platforms")
        .valueStream()
        .map(JsonNode::asString)
        .toList();
  }

  @Test
  void ofAnImageForManyPlatformsThoseComeThatAreWanted() throws IOException {
    index("v1", "linux/amd64", "linux/arm/v6", "linux/arm/v7", "windows/amd64", "unknown/unknown");

    JsonNode warmed = warm("hub/team/many:v1", "linux/amd64", "linux/arm");

    assertThat(warmed.has("error")).isFalse();
    assertThat(warmed.path("blobs").asInt()).as("an index, and three images").isEqualTo(1 + 3 * 3);
    assertThat(platformsHere()).containsExactly("linux/amd64", "linux/arm/v6", "linux/arm/v7");
    assertThat(upstream.requests()).hasSize(10);
  }

  @Test
  void withoutAWishAllPlatformsCome() throws IOException {
    index("v1", "linux/amd64", "windows/amd64");

    assertThat(warm("hub/team/many:v1").path("blobs").asInt()).isEqualTo(1 + 2 * 3);
    assertThat(platformsHere()).containsExactly("linux/amd64", "windows/amd64");
  }

  @Test
  void aPlatformThatIsNotThereIsAnErrorAndTheOthersComeAllTheSame() throws IOException {
    index("v1", "linux/amd64", "windows/amd64", "unknown/unknown");

    JsonNode warmed = warm("hub/team/many:v1", "linux/amd64", "linux/s390x");

    assertThat(warmed.path("error").asString())
        .isEqualTo("there is none for linux/s390x, only for linux/amd64, windows/amd64");
    assertThat(warmed.path("blobs").asInt()).isEqualTo(1 + 3);
  }

  @Test
  void whatIsForNoPlatformComesWhateverIsWanted() throws IOException {
    Digest artifact =
        upstream.putManifest(
            "team/chart",
            bytes(
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"artifactType\":\"application/x\",\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"digest\":\"%s\",\"size\":2},\"layers\":[{\"mediaType\":\"application/x\",\"digest\":\"%s\",\"size\":5}]}"
                    .formatted(
                        MediaType.OCI_MANIFEST,
                        upstream.putBlob("team/chart", bytes("{}")),
                        upstream.putBlob("team/chart", bytes("chart")))),
            MediaType.OCI_MANIFEST);
    upstream.tag("team/chart", "1.0", artifact);

    JsonNode warmed = warm("hub/team/chart:1.0", "linux/amd64");

    assertThat(warmed.has("error")).isFalse();
    assertThat(warmed.path("blobs").asInt()).isEqualTo(3);
  }

  @Test
  void oneManifestThatIsMissingLeavesTheOthersOfUse() throws IOException {
    Digest missing = Digest.Algorithm.SHA256.of(bytes("nowhere"));
    upstream.index("team/app", "many", app.digest(), missing);

    JsonNode warmed = warm("hub/team/app:many");

    assertThat(warmed.path("error").asString()).contains("404");
    assertThat(warmed.path("blobs").asInt()).isEqualTo(1 + 4);
  }

  // What cannot be had.

  @Test
  void eachImageThatCannotBeHadSaysWhyAndTheJobIsDone() throws IOException {
    upstream.on("GET", "/v2/team/closed/.*").status(403);
    upstream.on("GET", "/v2/team/broken/.*").status(500);
    upstream.remove(upstream.image("team/torn", "v1", bytes("torn")).layers().getFirst());

    JsonNode result =
        warm(
            List.of(
                "hub/team/app:v1",
                "hub/team/app:v2",
                "hab/team/app:v1",
                "hub/team/closed:v1",
                "hub/team/secret:v1",
                "hub/TEAM/app:v1",
                "nginx:1.27",
                "hub/team/app@sha256:12",
                "hub/team/torn:v1",
                "hub/team/broken:v1",
                " "));

    assertThat(result.path("failed").asInt()).isEqualTo(10);
    assertThat(result.path("images"))
        .extracting(image -> image.path("error").asString(""))
        .satisfiesExactly(
            fine -> assertThat(fine).isEmpty(),
            tag -> assertThat(tag).startsWith("hub: answered 404"),
            name ->
                assertThat(name)
                    .isEqualTo("no upstream \"hab\" is configured; did you mean \"hub\"?"),
            closed -> assertThat(closed).startsWith("hub: answered 403"),
            secret ->
                assertThat(secret)
                    .isEqualTo("the configuration does not let team/secret be pulled from hub"),
            grammar -> assertThat(grammar).startsWith("not a repository name"),
            bare -> assertThat(bare).startsWith("the name has to begin with an upstream"),
            digest -> assertThat(digest).startsWith("not a digest"),
            torn -> assertThat(torn).startsWith("hub: answered 404"),
            broken -> assertThat(broken).startsWith("hub: answered 500"),
            blank -> assertThat(blank).startsWith("the name has to begin with an upstream"));
    assertThat(result.at("/images/8/blobs").asInt()).as("manifest and config").isEqualTo(2);
  }

  @Test
  void whatTheStoreCannotTakeIsAnError() throws IOException {
    Digest huge =
        upstream.image("team/huge", "v1", bytes("little"), new byte[3 << 20]).layers().getLast();
    weir.close();
    weir = server().limits(new Size.Bytes(2 << 20), new Size.Bytes(0)).start();
    api = new ApiClient(weir.adminPort());

    JsonNode warmed = warm("hub/team/huge:v1");

    assertThat(warmed.path("error").asString())
        .isEqualTo("the disk does not take %s: larger than the store".formatted(huge));
    assertThat(warmed.path("blobs").asInt()).isEqualTo(3);
  }

  /** A total that is not the last must not look like one. */
  @Test
  void whatThereIsGrowsUntilTheManifestsOfAllImagesAreRead() throws IOException {
    CountDownLatch manifest = new CountDownLatch(1);
    CountDownLatch blob = new CountDownLatch(1);
    upstream.on("GET", "/v2/library/base/manifests/.*").times(1).stallAfter(10, manifest);
    upstream.on("GET", "/v2/team/app/blobs/" + layer).times(1).stallAfter(LAYER_BYTES / 2, blob);
    String job = begin(order(List.of("hub/team/app:v1", "hub/library/base:latest")));
    awaitProgress(job, LAYER_BYTES / 2);
    JsonNode before = api.get(job).body().path("progress");
    assertThat(before.path("growing").asBoolean()).isTrue();

    manifest.countDown();
    assertThat(
            Await.until(
                Duration.ofSeconds(20),
                () -> !api.get(job).body().at("/progress/growing").asBoolean()))
        .isTrue();
    long total = api.get(job).body().at("/progress/total").asLong();
    assertThat(total).isGreaterThan(before.path("total").asLong());

    blob.countDown();
    assertThat(end(job).at("/progress/total").asLong()).isEqualTo(total);
    assertThat(end(job).at("/progress/growing").asBoolean()).isFalse();
  }

  @Test
  void whatThereIsIsKnownAlsoWhereAnImageCannotBeHad() throws IOException {
    JsonNode ended = end(begin(order(List.of("hub/team/none:1", "no name", "hub/team/app:v1"))));

    assertThat(ended.at("/progress/growing").asBoolean()).isFalse();
    assertThat(ended.at("/result/failed").asInt()).isEqualTo(2);
  }

  // Ending it before its time.

  private void awaitProgress(String job, long bytes) throws IOException {
    Instant end = Instant.now().plusSeconds(20);
    while (api.get(job).body().at("/progress/done").asLong() < bytes) {
      assertThat(Instant.now()).isBefore(end);
    }
  }

  @Test
  void whatIsOnItsWayIsDroppedWhenItIsCancelledAndGoneOnWithLater() throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    upstream.on("GET", "/v2/team/app/blobs/" + layer).times(1).stallAfter(LAYER_BYTES / 2, never);
    String job = begin(order(List.of("hub/team/app:v1", "hub/library/base:latest")));
    awaitProgress(job, LAYER_BYTES / 2);
    assertThat(api.get(job).body().at("/progress/total").asLong()).isGreaterThan(LAYER_BYTES);

    assertThat(api.delete(job).status()).isEqualTo(202);

    JsonNode ended = end(job);
    assertThat(ended.path("state").asString()).isEqualTo("cancelled");
    assertThat(ended.at("/result/images/0/error").asString()).contains("cancelled");
    never.countDown();
    assertThat(warm("hub/team/app:v1").has("error")).isFalse();
    assertThat(upstream.requests("GET", "/v2/team/app/blobs/" + layer).getLast().header("range"))
        .contains("bytes=" + LAYER_BYTES / 2 + "-");
  }

  @Test
  void aClientThatReadsAlongKeepsWhatIsOnItsWay() throws Exception {
    CountDownLatch stall = new CountDownLatch(1);
    upstream.on("GET", "/v2/team/app/blobs/" + layer).times(1).stallAfter(LAYER_BYTES / 2, stall);
    String job = begin(order(List.of("hub/team/app:v1")));
    awaitProgress(job, LAYER_BYTES / 2);
    CountDownLatch reading = new CountDownLatch(1);
    Future<Http.Answer> pull =
        threads.submit(() -> {
          reading.countDown();
          return get("/v2/hub/team/app/blobs/" + layer);
        });
    reading.await();
    awaitTransfers(1);

    assertThat(api.delete(job).status()).isEqualTo(202);
    assertThat(end(job).path("state").asString()).isEqualTo("cancelled");
    stall.countDown();

    assertThat(pull.get().whole()).isTrue();
    assertThat(upstream.count("GET", "/v2/team/app/blobs/" + layer)).isEqualTo(1);
  }

  /** Waits until so many answers are on their way to clients. */
  private void awaitTransfers(int count) throws IOException {
    Instant end = Instant.now().plusSeconds(20);
    while (api.get("/api/v1/status").body().path("transfers").asInt() != count) {
      assertThat(Instant.now()).isBefore(end);
    }
  }

  /** With {@code cache.abandoned: stop} a fetch ends with its last client; here it has none. */
  @Test
  void aClientThatLeavesDoesNotEndIt() throws IOException {
    weir.close();
    weir = server().abandoned(Config.Abandoned.STOP).start();
    api = new ApiClient(weir.adminPort());
    CountDownLatch stall = new CountDownLatch(1);
    upstream.on("GET", "/v2/team/app/blobs/" + layer).times(1).stallAfter(LAYER_BYTES / 2, stall);
    String job = begin(order(List.of("hub/team/app:v1")));
    awaitProgress(job, LAYER_BYTES / 2);
    try (Http.Stream client = Http.open(weir.port(), "GET", "/v2/hub/team/app/blobs/" + layer)) {
      assertThat(client.read(new byte[1000])).isPositive();
      awaitTransfers(1);
    }
    awaitTransfers(0);
    stall.countDown();

    assertThat(end(job).at("/result/failed").asInt()).isZero();
    assertServedFromHere("/v2/hub/team/app/blobs/" + layer);
  }

  @Test
  void aManifestThatKeepsItWaitingDoesNotKeepTheJob() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    upstream.on("GET", "/v2/team/app/manifests/v1").hold(never);
    String job = begin(order(List.of("hub/team/app:v1")));
    upstream.awaitRequests("GET", "/v2/team/app/manifests/v1", 1);

    assertThat(api.delete(job).status()).isEqualTo(202);

    JsonNode ended = end(job);
    assertThat(ended.path("state").asString()).isEqualTo("cancelled");
    assertThat(ended.at("/result/failed").asInt()).isEqualTo(1);
    never.countDown();
  }

  @Test
  void aServerThatStopsDoesNotWaitForIt() throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    upstream.on("GET", "/v2/team/app/blobs/" + layer).stallAfter(LAYER_BYTES / 2, never);
    String job = begin(order(List.of("hub/team/app:v1")));
    awaitProgress(job, LAYER_BYTES / 2);

    weir.close();
  }

  @Test
  void oneRunsAtATime() throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    upstream.on("GET", "/v2/team/app/manifests/v1").hold(never);
    String job = begin(order(List.of("hub/team/app:v1")));

    ApiClient.Answer second = api.post("/api/v1/jobs", order(List.of("hub/library/base:latest")));

    assertThat(second.status()).isEqualTo(409);
    assertThat(second.header("location")).isEqualTo(job);
    never.countDown();
    assertThat(end(job).path("state").asString()).isEqualTo("done");
  }

  // What is no order.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"kind\":\"warm\"}",
        "{\"kind\":\"warm\",\"images\":null}",
        "{\"kind\":\"warm\",\"images\":[]}",
        "{\"kind\":\"warm\",\"images\":[null]}",
        "{\"kind\":\"warm\",\"images\":[1]}",
        "{\"kind\":\"warm\",\"images\":[true]}",
        "{\"kind\":\"warm\",\"images\":[1.5]}",
        "{\"kind\":\"warm\",\"images\":[[\"hub/team/app:v1\"]]}",
        "{\"kind\":\"warm\",\"images\":\"hub/team/app:v1\"}",
        "{\"kind\":\"warm\",\"images\":{\"0\":\"hub/team/app:v1\"}}",
        "{\"kind\":\"warm\",\"images\":[\"hub/team/app:v1\"],\"platforms\":\"linux/amd64\"}",
        "{\"kind\":\"warm\",\"images\":[\"hub/team/app:v1\"],\"platforms\":[\"linux\"]}",
        "{\"kind\":\"warm\",\"images\":[\"hub/team/app:v1\"],\"platforms\":[\"Linux/AMD64\"]}",
        "{\"kind\":\"warm\",\"images\":[\"hub/team/app:v1\"],\"platforms\":[null]}",
        "{\"kind\":\"warm\",\"images\":[\"hub/team/app:v1\"],\"platform\":[\"linux/amd64\"]}",
        "{\"kind\":\"warm\",\"images\":[\"hub/team/app:v1\"],\"dryRun\":true}",
      })
  void whatIsNoOrderIsRefused(String body) throws IOException {
    assertThat(api.post("/api/v1/jobs", body).status()).isEqualTo(400);
    assertThat(api.get("/api/v1/jobs").body().path("jobs")).isEmpty();
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void aThousandImagesAreTakenAndNoMore() throws IOException {
    String longest = "nobody/" + "a".repeat(150) + ":v";
    List<String> images = new ArrayList<>(Collections.nCopies(1000, longest));

    assertThat(warm(images).path("failed").asInt()).isEqualTo(1000);
    images.add(longest);
    ApiClient.Answer refused = api.post("/api/v1/jobs", order(images));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("/detail")).startsWith("images has to be names of 1 to 1000 images");
  }
}
