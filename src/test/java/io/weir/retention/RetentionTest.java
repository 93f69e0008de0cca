package io.weir.retention;

import static io.weir.testing.StorePulls.digest;
import static io.weir.testing.StorePulls.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.config.Address;
import io.weir.config.Config;
import io.weir.config.RetentionConfig;
import io.weir.config.Size;
import io.weir.config.TagsConfig;
import io.weir.config.UpstreamConfig;
import io.weir.metrics.Metrics;
import io.weir.oci.ImagePattern;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.retention.Space.Claim;
import io.weir.store.ImageFilter;
import io.weir.store.Store;
import io.weir.store.StoredImage;
import io.weir.testing.FakeClock;
import io.weir.testing.StorePulls;
import io.weir.testing.real.Await;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {

  private static final Origin HUB = new Origin("docker.io", Repository.parse("library/nginx"));
  private static final Origin QUAY = new Origin("quay.io", Repository.parse("team/app"));
  private static final long KIB = 1024;

  private static final long LAYER_BYTES = 1024 * KIB;

  /** An image of one layer, a config and a manifest: what each takes on the disk. */
  private static final long IMAGE_BYTES = LAYER_BYTES + 3 * 4096 + KIB;

  @TempDir private Path root;
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics("test");
  private Store store;
  private StorePulls pulls;
  private DiskSpace space;

  // The configuration of each test.
  private Size maxSize = new Size.Percent(100);
  private Size minFree = new Size.Bytes(0);
  private Duration ttl = Duration.ZERO;
  private int lowWater = 100;
  private List<ImagePattern> pins = List.of();
  private final Map<String, RetentionConfig> upstreams = new LinkedHashMap<>();

  @BeforeEach
  void open() throws IOException {
    store = Store.open(root, clock, clock);
    pulls = new StorePulls(store, clock);
    space = new DiskSpace(store, config(), clock, clock, metrics);
  }

  @AfterEach
  void close() throws IOException {
    space.close();
    store.close();
  }

  private Config config() {
    Map<String, UpstreamConfig> named = new LinkedHashMap<>();
    TagsConfig tags =
        new TagsConfig(Duration.ofMinutes(1), TagsConfig.StaleIfError.ALWAYS, List.of());
    for (String name : List.of("docker.io", "quay.io")) {
      named.put(
          name,
          new UpstreamConfig(
              name,
              List.of(URI.create("https://" + name)),
              List.of(),
              List.of(),
              Optional.empty(),
              Optional.empty(),
              false,
              List.of(),
              UpstreamConfig.Tls.DEFAULT,
              Optional.empty(),
              List.of(),
              List.of(),
              1,
              UpstreamConfig.Timeouts.DEFAULT,
              tags,
              upstreams.getOrDefault(name, new RetentionConfig(ttl, Optional.empty()))));
    }
    return new Config(
        new Config.Registry(
            new Address("127.0.0.1", 0),
            Optional.empty(),
            Duration.ZERO,
            Optional.empty(),
            false,
            Optional.empty()),
        new Config.Admin(new Address("127.0.0.1", 0), Optional.empty()),
        new Config.Store(root, maxSize, minFree),
        new Config.Retention(ttl, lowWater, pins),
        new Config.Scrub(Duration.ZERO, 1, false),
        new Config.Cache(Config.Abandoned.FINISH, 0, 1),
        Config.Tracing.DEFAULT,
        tags,
        named);
  }

  private void configured() {
    space.use(config());
  }

  /** A limit that holds so many images, and the index with what it may grow by. */
  private void holds(double images) {
    maxSize =
        new Size.Bytes((long) (images * IMAGE_BYTES) + store.footprint().indexBytes() + 512 * KIB);
    configured();
  }

  /** One image with a layer of its own. */
  private void pull(Origin origin, String tag) throws IOException {
    String config = "config of " + origin + tag;
    String layer = (origin + tag).repeat((int) LAYER_BYTES).substring(0, (int) LAYER_BYTES);
    pulls.pull(origin, tag, image(config, layer), config, layer);
  }

  private List<String> tags() {
    return store.inventory().images(ImageFilter.ALL, null, 1000).images().stream()
        .map(RetentionTest::tag)
        .sorted()
        .toList();
  }

  private static String tag(StoredImage image) {
    return image.tags().getFirst().name();
  }

  private Report collect() throws IOException {
    return space.retention().collect(false);
  }

  private static List<String> tags(Report report) {
    return report.departures().stream().map(gone -> gone.tags().getFirst().name()).toList();
  }

  // Age.

  @Test
  void whatIsPulledStaysAndWhatIsNotLeavesAfterItsTime() throws IOException {
    ttl = Duration.ofDays(7);
    configured();
    pull(HUB, "pulled");
    pull(HUB, "forgotten");
    for (int day = 0; day < 7; day++) {
      clock.advance(Duration.ofDays(1).minusMinutes(1));
      pull(HUB, "pulled");
    }
    Report report = collect();
    assertThat(tags(report)).containsExactly("forgotten");
    assertThat(report.departures().getFirst().reason()).isEqualTo(Reason.TTL);
    assertThat(report.freedBlobs()).isEqualTo(3);
    assertThat(tags()).containsExactly("pulled");
    assertThat(collect().departures()).isEmpty();
  }

  @Test
  void anUpstreamMayHaveAnAgeOfItsOwnAndAChangedOneHoldsForWhatIsStored() throws IOException {
    ttl = Duration.ofDays(7);
    upstreams.put("quay.io", new RetentionConfig(Duration.ZERO, Optional.empty()));
    configured();
    pull(HUB, "hub");
    pull(QUAY, "quay");
    clock.advance(Duration.ofDays(30));
    assertThat(tags(collect())).containsExactly("hub");

    upstreams.put("quay.io", new RetentionConfig(Duration.ofDays(365), Optional.empty()));
    configured();
    assertThat(collect().departures()).isEmpty();
    upstreams.put("quay.io", new RetentionConfig(Duration.ofDays(29), Optional.empty()));
    configured();
    assertThat(tags(collect())).containsExactly("quay");
  }

  @Test
  void nothingExpiresBecauseTheClockJumps() throws IOException {
    ttl = Duration.ofHours(1);
    configured();
    pull(HUB, "one");
    for (int days : new int[] {40, -80, 400, -360}) {
      clock.jump(Duration.ofDays(days));
      assertThat(collect().departures()).isEmpty();
    }
    clock.advance(Duration.ofHours(1));
    assertThat(tags(collect())).containsExactly("one");
  }

  // Sizes.

  @Test
  void whereTheStoreIsOverItsSizeTheLongestUnpulledLeaveDownToTheLowWaterMark() throws IOException {
    for (int i = 0; i < 10; i++) {
      pull(i % 2 == 0 ? HUB : QUAY, "v" + i);
    }
    pull(HUB, "v0"); // again
    lowWater = 70;
    holds(9);
    List<String> would = tags(space.retention().collect(true));
    assertThat(tags()).hasSize(10);
    Report report = collect();
    assertThat(tags(report)).isEqualTo(would).startsWith("v1", "v2", "v3");
    assertThat(report.departures())
        .allSatisfy(gone -> assertThat(gone.reason()).isEqualTo(Reason.SIZE));
    assertThat(space.status().usedBytes())
        .isBetween(space.status().limitBytes() * 55 / 100, space.status().limitBytes() * 70 / 100);
    assertThat(tags()).contains("v0", "v9");
  }

  @Test
  void anUpstreamOverItsOwnSizeLosesOnlyItsOwn() throws IOException {
    for (int i = 0; i < 4; i++) {
      pull(QUAY, "q" + i);
      pull(HUB, "h" + i);
    }
    upstreams.put(
        "quay.io",
        new RetentionConfig(Duration.ZERO, Optional.of(new Size.Bytes(2 * IMAGE_BYTES + KIB))));
    configured();
    Report report = collect();
    assertThat(tags(report)).containsExactly("q0", "q1");
    assertThat(report.departures().getFirst().reason()).isEqualTo(Reason.UPSTREAM_SIZE);
    assertThat(tags()).containsExactly("h0", "h1", "h2", "h3", "q2", "q3");
  }

  @Test
  void theFileSystemsFreeRoomIsKept() throws IOException {
    pull(HUB, "one");
    pull(HUB, "two");
    minFree = new Size.Bytes(store.footprint().availableBytes() + LAYER_BYTES / 2);
    configured();
    Report report = collect();
    assertThat(report.departures().getFirst().reason()).isEqualTo(Reason.FREE);
    assertThat(tags(report)).startsWith("one");
  }

  @Test
  void pinnedImagesStay() throws IOException {
    ttl = Duration.ofDays(1);
    pins = List.of(ImagePattern.parse("docker.io/library/nginx:1.*"));
    configured();
    pull(HUB, "1.27");
    pull(HUB, "2.0");
    pull(QUAY, "latest");
    assertThat(space.retention().pins().add(ImagePattern.parse("quay.io/**"))).isTrue();
    clock.advance(Duration.ofDays(2));
    assertThat(tags(collect())).containsExactly("2.0");

    // Those that were added survive, and those of the configuration go with it.
    space.close();
    pins = List.of();
    space = new DiskSpace(store, config(), clock, clock, metrics);
    assertThat(tags(collect())).containsExactly("1.27");
    assertThat(space.retention().pins().remove(ImagePattern.parse("quay.io/**"))).isTrue();
    assertThat(tags(collect())).containsExactly("latest");
    assertThat(tags()).isEmpty();
  }

  @Test
  void aLineThatIsNoPatternCostsOnlyItself() throws IOException {
    Files.writeString(root.resolve("pins"), "docker.io/**\nnonsense\n\nquay.io/team/*\n");
    assertThat(new Pins(store.pins()).added())
        .containsExactly(ImagePattern.parse("docker.io/**"), ImagePattern.parse("quay.io/team/*"));
  }

  @Test
  void pinsThatCannotBeReadKeepEverything() throws IOException {
    Files.createDirectory(root.resolve("pins"));
    Pins unreadable = new Pins(store.pins());
    assertThat(unreadable.isPinned(HUB, digest(image("any")), List.of())).isTrue();
    assertThatThrownBy(() -> unreadable.add(ImagePattern.parse("quay.io/**")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void imagesLeaveByNameAndPinnedOnesDoNot() throws IOException {
    pull(HUB, "1.26");
    pull(HUB, "1.27");
    pull(QUAY, "latest");
    pins = List.of(ImagePattern.parse("docker.io/library/nginx:1.27"));
    configured();
    List<ImagePattern> patterns = List.of(ImagePattern.parse("docker.io/**"));
    assertThat(tags(space.retention().evict(patterns, true))).containsExactly("1.26");
    assertThat(tags()).hasSize(3);
    Report report = space.retention().evict(patterns, false);
    assertThat(report.departures().getFirst().reason()).isEqualTo(Reason.MANUAL);
    assertThat(tags()).containsExactly("1.27", "latest");
  }

  // Claims.

  @Test
  void aClaimMakesRoom() throws IOException {
    pull(HUB, "old");
    pull(HUB, "new");
    holds(2);
    assertThat(space.claim("quay.io", LAYER_BYTES)).isInstanceOf(Claim.Granted.class);
    assertThat(tags()).doesNotContain("old");
  }

  @Test
  void whatIsPromisedIsCountedUntilItIsStoredAndCounted() throws IOException {
    pull(HUB, "only");
    holds(3);
    long before = space.status().usedBytes();
    Claim.Granted room = (Claim.Granted) space.claim("quay.io", 64 * KIB);
    assertThat(room.extend(64 * KIB)).isTrue();
    assertThat(space.status().usedBytes()).isEqualTo(before + 128 * KIB);
    room.close();
    store.index().flush();
    assertThat(space.status().usedBytes()).isEqualTo(before);
  }

  @Test
  void whatCouldNeverFitMakesNothingLeave() throws IOException {
    pull(HUB, "only");
    holds(2);
    assertThat(space.claim("quay.io", 4L << 30))
        .isEqualTo(new Claim.Refused("larger than the store"));
    assertThat(space.isFull()).as("others fit").isFalse();
    assertThat(tags()).containsExactly("only");
  }

  @Test
  void whereAllIsPinnedNothingLeavesAndTheStoreIsFullForAMoment() throws IOException {
    pins = List.of(ImagePattern.parse("docker.io/**"));
    pull(HUB, "one");
    pull(HUB, "two");
    pull(QUAY, "three");
    holds(1);
    assertThat(space.claim("quay.io", 3 * LAYER_BYTES / 2))
        .isEqualTo(new Claim.Refused("disk full"));
    assertThat(space.isFull()).isTrue();
    assertThat(tags()).as("what leaves would not be enough").containsExactly("one", "three", "two");

    clock.advance(Duration.ofSeconds(2));
    assertThat(space.isFull()).isFalse();
    pins = List.of();
    configured();
    assertThat(space.claim("quay.io", LAYER_BYTES)).isInstanceOf(Claim.Granted.class);
  }

  @Test
  void aFailedWriteMakesTheStoreFullForAMoment() {
    space.writeFailed(new IOException("No space left on device"));
    assertThat(space.isFull()).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(space.isFull()).isFalse();
  }

  /** For a claim of quay.io that finds no room because the images of docker.io are pinned. */
  private void refuseForPinnedImages(long bytes) throws IOException {
    pins = List.of(ImagePattern.parse("docker.io/**"));
    pull(HUB, "one");
    pull(HUB, "two");
    holds(2);
    assertThat(space.claim("quay.io", bytes)).isEqualTo(new Claim.Refused("disk full"));
    assertThat(space.status().isFull()).isTrue();
    clock.advance(Duration.ofSeconds(2));
  }

  /** It was so for a second only, and who looked every 15 seconds hardly ever saw it. */
  @Test
  void operatorsAreToldThatTheStoreIsFullUntilAsMuchFindsRoom() throws IOException {
    refuseForPinnedImages(LAYER_BYTES);
    assertThat(space.isFull()).as("it is tried again").isFalse();
    assertThat(space.status().isFull()).isTrue();

    assertThat(space.claim("quay.io", 10)).isInstanceOf(Claim.Granted.class);
    assertThat(space.status().isFull()).as("that was less").isTrue();
    assertThat(space.claim("quay.io", 4L << 30))
        .isEqualTo(new Claim.Refused("larger than the store"));

    pins = List.of();
    configured();
    assertThat(space.claim("quay.io", LAYER_BYTES)).isInstanceOf(Claim.Granted.class);
    assertThat(space.status().isFull()).isFalse();
  }

  @Test
  void aStoreThatHasRoomForItAgainIsNotFullThoughNobodyWantsAny() throws IOException {
    refuseForPinnedImages(LAYER_BYTES);
    holds(4);
    assertThat(space.status().isFull()).isFalse();
  }

  @Test
  void norIsOneThatCouldMakeRoomForItOrNeverCould() throws IOException {
    refuseForPinnedImages(LAYER_BYTES);
    space.start();
    configured();
    assertThat(Await.until(Duration.ofSeconds(10), () -> space.retention().lastRun().isPresent()))
        .isTrue();
    assertThat(space.status().isFull()).as("all is pinned").isTrue();

    pins = List.of();
    configured();
    assertThat(Await.until(Duration.ofSeconds(10), () -> !space.status().isFull())).isTrue();
    assertThat(tags()).as("only looked at").containsExactly("one", "two");
  }

  @Test
  void whatTurnsOutToBeLongerAndFindsNoRoomMakesItFullToo() throws IOException {
    pins = List.of(ImagePattern.parse("docker.io/**"));
    pull(HUB, "one");
    holds(1);
    Claim.Granted room = (Claim.Granted) space.claim("quay.io", 10);
    assertThat(space.status().isFull()).isFalse();
    assertThat(room.extend(LAYER_BYTES)).isFalse();
    assertThat(space.status().isFull()).isTrue();
  }

  @Test
  void aStoreIsFullFromAWriteThatFailsToOneThatDoesNot() {
    space.writeFailed(new IOException("No space left on device"));
    clock.advance(Duration.ofSeconds(2));
    assertThat(space.claim("quay.io", 10)).isInstanceOf(Claim.Granted.class);
    assertThat(space.status().isFull()).as("room is no proof").isTrue();
    space.written();
    assertThat(space.status().isFull()).isFalse();
  }

  @Test
  void manyClaimsAtOnceNeverPromiseMoreThanThereIs() throws Exception {
    for (int i = 0; i < 10; i++) {
      pull(HUB, "v" + i);
    }
    holds(10);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Claim> claim = () -> space.claim("quay.io", LAYER_BYTES);
      List<Future<Claim>> claims =
          threads.invokeAll(IntStream.range(0, 40).mapToObj(i -> claim).toList());
      List<Claim.Granted> granted = new ArrayList<>();
      for (Future<Claim> answer : claims) {
        if (answer.get() instanceof Claim.Granted room) {
          granted.add(room);
        }
      }
      assertThat(granted).hasSizeBetween(8, 11);
      assertThat(space.status().usedBytes()).isLessThanOrEqualTo(space.status().limitBytes());
    }
  }

  /** While one image leaves, and after it, the other that shares its layer is whole. */
  @Test
  void aSharedLayerStaysForTheImageThatStays() throws IOException {
    String shared = "shared".repeat(1000);
    pulls.pull(HUB, "old", image("a", shared), "a", shared);
    pulls.pull(QUAY, "new", image("b", shared), "b", shared);
    ttl = Duration.ofMinutes(90);
    configured();
    clock.advance(Duration.ofMinutes(88).plusSeconds(30));
    assertThat(tags(collect())).containsExactly("old");
    assertThat(store.inventory().images(ImageFilter.ALL, null, 10).images())
        .singleElement()
        .satisfies(image -> assertThat(image.missing()).isZero());
  }
}
