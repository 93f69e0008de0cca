package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.testing.CacheServer;
import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.TrustingSpace;
import io.weir.testing.WeirServer;
import io.weir.testing.real.DockerRegistry;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RegistriesConf;
import io.weir.testing.real.Skopeo;
import io.weir.testing.real.SmallDisk;
import io.weir.testing.real.TestImage;
import io.weir.testing.real.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The disk's trouble is not the client's: what cannot be stored passes through, right and whole.
 *
 * <p>What it costs upstream: a fetch that the disk stops was one GET, and each of its readers asks
 * for the rest, by Range, with one more. While the disk is known to be full each client costs one
 * GET, and no fetch is begun.
 */
@Tag("real")
@Timeout(60)
class DiskFullTest {

  private static final String APP = "/v2/hub/team/app";
  private static final String BLOBS = ".*/blobs/.*";
  private static final String DISK_FULL = "weir; fwd=uri-miss; detail=\"disk full\"";
  private static final String STORED = "weir; fwd=uri-miss; stored";

  private static final int MIB = 1 << 20;
  private static final long DISK_BYTES = 32L * MIB;
  private static final int HELD_BYTES = 4096;

  @TempDir private Path folder;
  private final FakeClock clock = new FakeClock();
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  private SmallDisk disk;
  private CacheServer weir;

  @BeforeEach
  void start() throws IOException {
    disk = SmallDisk.tmpfs(folder.resolve("data"), DISK_BYTES);
    weir = serve(16);
  }

  private CacheServer serve(int connections) throws IOException {
    return CacheServer.start(
        WeirServer.in(disk.path())
            .upstream("hub", hub -> hub.connections(connections), upstream.url()),
        clock,
        new TrustingSpace(clock));
  }

  @AfterEach
  void stop() throws IOException {
    if (weir != null) {
      weir.close();
    }
    if (disk != null) {
      disk.close();
    }
  }

  private static byte[] random(int size, long seed) {
    byte[] content = new byte[size];
    new Random(seed).nextBytes(content);
    return content;
  }

  private static String path(Digest digest) {
    return APP + "/blobs/" + digest;
  }

  private Http.Answer get(Digest digest, String... headers) throws IOException {
    return Http.get(weir.port(), path(digest), headers);
  }

  private Http.Stream open(Digest digest) throws IOException {
    return Http.open(weir.port(), "GET", path(digest));
  }

  /** Reads at least so many bytes. */
  private static long read(Http.Stream stream, MessageDigest hash, long atLeast)
      throws IOException {
    byte[] buffer = new byte[1 << 16];
    long bytes = 0;
    while (bytes < atLeast) {
      int count = stream.read(buffer);
      if (count < 0) {
        break;
      }
      hash.update(buffer, 0, count);
      bytes += count;
    }
    return bytes;
  }

  /** A client that pauses after its first bytes, and then wants the whole blob. */
  private Callable<Boolean> client(Digest digest, CountDownLatch hasBegun, CountDownLatch goOn) {
    return () -> {
      MessageDigest hash = digest.algorithm().newMessageDigest();
      try (Http.Stream stream = open(digest)) {
        read(stream, hash, 1);
        hasBegun.countDown();
        goOn.await();
        read(stream, hash, Long.MAX_VALUE);
        return stream.whole() && digest.algorithm().finish(hash.digest()).equals(digest);
      }
    };
  }

  private List<String> ranges() {
    return upstream.requests("GET", BLOBS).stream()
        .map(request -> request.header("range").orElse("none"))
        .toList();
  }

  private static CountDownLatch open() {
    return new CountDownLatch(0);
  }

  private void assertNothingIncoming() throws IOException {
    Instant end = Instant.now().plusSeconds(10);
    List<Path> left = incoming();
    while (!left.isEmpty() && Instant.now().isBefore(end)) {
      LockSupport.parkNanos(1_000_000);
      left = incoming();
    }
    assertThat(left).isEmpty();
  }

  private List<Path> incoming() throws IOException {
    try (Stream<Path> files = Files.list(disk.path().resolve("incoming"))) {
      return files.toList();
    }
  }

  /** Asks until the fetch has ended in the store. */
  private byte[] awaitHit(Digest digest) throws IOException {
    Instant end = Instant.now().plusSeconds(10);
    Http.Answer answer = get(digest);
    while (!answer.header("Cache-Status").equals("weir; hit")) {
      assertThat(Instant.now()).as("%s is stored", digest).isBefore(end);
      answer = get(digest);
    }
    return answer.body();
  }

  /**
   * A list was looked for in the index only, which has it a moment later, or not at all: upstream
   * was asked again for what it had just said.
   */
  @Test
  void aListIsAskedForOnceThoughTheIndexCannotKeepIt() throws IOException {
    upstream.image("team/app", "v1", new byte[1000]);
    disk.fill();
    for (int i = 0; i < 3; i++) {
      assertThat(Http.get(weir.port(), APP + "/tags/list").text()).contains("\"v1\"");
    }
    assertThat(upstream.count("GET", ".*/tags/list")).isEqualTo(1);
  }

  // A fetch that the disk stops.

  @Test
  void aBlobLargerThanTheDiskReachesItsClient() throws Exception {
    Digest digest = upstream.putRandomBlob(48L * MIB, 1);
    assertThat(client(digest, new CountDownLatch(1), open()).call()).isTrue();
    assertThat(ranges()).hasSize(2).first().isEqualTo("none");
    assertThat(ranges().getLast()).matches("bytes=[1-9][0-9]{6,}-");
    assertNothingIncoming();
  }

  @Test
  void aBlobLargerThanTheDiskReachesEightClientsFastAndSlowWhenEverTheyCome() throws Exception {
    Digest digest = upstream.putRandomBlob(48L * MIB, 2);
    CountDownLatch fetching = new CountDownLatch(1);
    upstream.on("GET", BLOBS).stallAfter(8L * MIB, fetching).times(1);
    CountDownLatch haveBegun = new CountDownLatch(4);
    CountDownLatch fastAreDone = new CountDownLatch(1);
    List<Future<Boolean>> fast = new ArrayList<>();
    List<Future<Boolean>> slow = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      fast.add(clients.submit(client(digest, haveBegun, open())));
      slow.add(clients.submit(client(digest, haveBegun, fastAreDone)));
    }
    haveBegun.await();
    CountDownLatch allHaveBegun = new CountDownLatch(4);
    for (int i = 0; i < 2; i++) {
      fast.add(clients.submit(client(digest, allHaveBegun, open())));
      slow.add(clients.submit(client(digest, allHaveBegun, fastAreDone)));
    }
    allHaveBegun.await();
    assertThat(upstream.count("GET", BLOBS)).as("all read the same fetch").isEqualTo(1);

    fetching.countDown();
    for (Future<Boolean> one : fast) {
      assertThat(one.get()).isTrue();
    }
    fastAreDone.countDown();
    for (Future<Boolean> one : slow) {
      assertThat(one.get()).isTrue();
    }
    assertThat(ranges()).hasSize(1 + 8);
    assertThat(ranges().subList(1, 9))
        .as("all go on where the disk stopped")
        .containsOnly(ranges().getLast());
    assertNothingIncoming();
  }

  @Test
  void aDiskThatGetsFullInTheMiddleIsNotNoticedAndAFreedOneStoresAgain() throws Exception {
    byte[] content = random(12 * MIB, 3);
    Digest digest = upstream.putBlob(content);
    CountDownLatch fetching = new CountDownLatch(1);
    upstream.on("GET", BLOBS).stallAfter(4L * MIB, fetching).times(1);
    MessageDigest hash = digest.algorithm().newMessageDigest();
    try (Http.Stream stream = open(digest)) {
      read(stream, hash, 4 * MIB - HELD_BYTES);
      disk.fill();
      fetching.countDown();
      read(stream, hash, Long.MAX_VALUE);
      assertThat(stream.whole()).isTrue();
      assertThat(digest.algorithm().finish(hash.digest())).isEqualTo(digest);
    }
    assertThat(ranges()).containsExactly("none", "bytes=" + 4 * MIB + "-");
    assertNothingIncoming();

    disk.free();
    assertThat(get(digest).header("Cache-Status")).as("it is believed full").isEqualTo(DISK_FULL);
    clock.advance(Duration.ofSeconds(2));
    assertThat(get(digest).header("Cache-Status")).isEqualTo(STORED);
    assertThat(awaitHit(digest)).isEqualTo(content);
    assertThat(ranges()).hasSize(4);
  }

  @Test
  void aBlobThatIsWholeWhenTheDiskTurnsReadOnlyIsServedAndStoredLater() throws Exception {
    byte[] content = random(MIB, 4);
    Digest digest = upstream.putBlob(content);
    CountDownLatch fetching = new CountDownLatch(1);
    upstream.on("GET", BLOBS).stallAfter(MIB / 2, fetching).times(1);
    try (Http.Stream stream = open(digest)) {
      disk.readOnly();
      fetching.countDown();
      assertThat(stream.readToEnd()).isEqualTo(content);
    }
    assertThat(ranges()).containsExactly("none");
    assertThat(incoming()).as("nothing can be deleted there").hasSize(1);
    disk.writable();
    clock.advance(Duration.ofSeconds(2));
    assertThat(awaitHit(digest)).isEqualTo(content);
    assertThat(ranges()).as("what was left had all bytes").containsExactly("none");
    assertNothingIncoming();
  }

  @ParameterizedTest(name = "byte {0} of {1} requests")
  @CsvSource({
    "0, 1", // in the part that was written, and right when it is asked for again
    "47000000, 9", // passing
    "50331647, 9", // the last
  })
  void oneWrongByteNeverPassesAsAWholeBlob(long offset, int times) throws Exception {
    Digest digest = upstream.putRandomBlob(48L * MIB, 5);
    upstream.on("GET", BLOBS).corruptByteAt(offset).times(times);
    MessageDigest hash = digest.algorithm().newMessageDigest();
    try (Http.Stream stream = open(digest)) {
      assertThat(read(stream, hash, Long.MAX_VALUE)).isLessThanOrEqualTo(48L * MIB - HELD_BYTES);
      assertThat(stream.whole()).isFalse();
    }
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(2);
    assertNothingIncoming();
  }

  @Test
  void anUpstreamThatBreaksAfterTheDiskHasStoppedIsAskedForTheRest() throws Exception {
    Digest digest = upstream.putRandomBlob(48L * MIB, 8);
    CountDownLatch fetching = new CountDownLatch(1);
    upstream.on("GET", BLOBS).stallAfter(4L * MIB, fetching).times(1);
    MessageDigest hash = digest.algorithm().newMessageDigest();
    try (Http.Stream stream = open(digest)) {
      read(stream, hash, 4 * MIB - HELD_BYTES);
      disk.fill();
      upstream.on("GET", BLOBS).cutAfter(MIB).times(2);
      fetching.countDown();
      read(stream, hash, Long.MAX_VALUE);
      assertThat(stream.whole()).isTrue();
      assertThat(digest.algorithm().finish(hash.digest())).isEqualTo(digest);
    }
    assertThat(ranges())
        .containsExactly(
            "none", "bytes=" + 4 * MIB + "-", "bytes=" + 5 * MIB + "-", "bytes=" + 6 * MIB + "-");
  }

  @Test
  void anUpstreamThatCannotGoOnInTheMiddleIsReadFromTheBeginning() throws Exception {
    Digest digest = upstream.putRandomBlob(48L * MIB, 6);
    upstream.on("GET", BLOBS).ignoreRange();
    assertThat(client(digest, new CountDownLatch(1), open()).call()).isTrue();
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(2);
  }

  @Test
  void aBlobOfUnknownLengthGoesOnInChunksOrWithTheLengthThatWasFound() throws Exception {
    Digest digest = upstream.putRandomBlob(40L * MIB, 7);
    upstream.on("GET", BLOBS).noContentLength();
    try (Http.Stream stream = open(digest)) {
      MessageDigest hash = digest.algorithm().newMessageDigest();
      assertThat(stream.headers().get("transfer-encoding")).isEqualTo("chunked");
      read(stream, hash, Long.MAX_VALUE);
      assertThat(stream.whole()).isTrue();
      assertThat(digest.algorithm().finish(hash.digest())).isEqualTo(digest);
    }
    clock.advance(Duration.ofSeconds(2));
    Http.Answer part = get(digest, "Range: bytes=10-19");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.header("Content-Range")).isEqualTo("bytes 10-19/" + 40 * MIB);
    assertThat(part.body()).isEqualTo(upstream.bytes(digest, 10, 10));
  }

  // A disk that is known to be full.

  /** One failed write, after which the clock stands still. */
  private void fillAndNotice() throws IOException {
    disk.fill();
    Digest first = upstream.putBlob(random(100_000, 99));
    assertThat(get(first).whole()).isTrue();
    upstream.forgetRequests();
  }

  @Test
  void aFullDiskCostsOneRequestForEachClientAndIsToldInCacheStatus() throws Exception {
    fillAndNotice();
    byte[] content = random(3 * MIB, 10);
    Digest digest = upstream.putBlob(content);
    for (int i = 1; i <= 3; i++) {
      Http.Answer answer = get(digest);
      assertThat(answer.header("Cache-Status")).isEqualTo(DISK_FULL);
      assertThat(answer.header("Docker-Content-Digest")).isEqualTo(digest.toString());
      assertThat(answer.header("Content-Length")).isEqualTo(Integer.toString(content.length));
      assertThat(answer.body()).isEqualTo(content);
      assertThat(ranges()).hasSize(i).containsOnly("none");
    }
    assertNothingIncoming();
  }

  @Test
  void aManifestIsServedFromAFullDisk() throws Exception {
    fillAndNotice();
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", new byte[10]);
    Http.Answer answer = Http.get(weir.port(), APP + "/manifests/v1");
    assertThat(answer.body()).isEqualTo(image.manifest());
    assertThat(answer.header("Cache-Status")).isEqualTo(DISK_FULL);
    clock.advance(Duration.ofSeconds(2));
    ScriptedUpstream.Image other = upstream.image("team/app", "v2", new byte[11]);
    Http.Answer unaware = Http.get(weir.port(), APP + "/manifests/v2");
    assertThat(unaware.body()).isEqualTo(other.manifest());
    assertThat(unaware.header("Cache-Status")).isEqualTo(DISK_FULL);
    assertNothingIncoming();
    clock.advance(Duration.ofMinutes(2));
    ScriptedUpstream.Image moved = upstream.image("team/app", "v1", new byte[12]);
    Http.Answer changed = Http.get(weir.port(), APP + "/manifests/v1");
    assertThat(changed.body()).isEqualTo(moved.manifest());
    assertThat(changed.header("Cache-Status")).isEqualTo(DISK_FULL);
  }

  @Test
  void aReadOnlyDiskIsNoReasonToRefuse() throws Exception {
    disk.readOnly();
    ScriptedUpstream.Image image = upstream.image("team/app", "v1", random(100_000, 11));
    Http.Answer manifest = Http.get(weir.port(), APP + "/manifests/v1");
    assertThat(manifest.body()).isEqualTo(image.manifest());
    assertThat(manifest.header("Cache-Status")).isEqualTo(DISK_FULL);
    clock.advance(Duration.ofSeconds(2));
    Digest layer = image.layers().getFirst();
    Http.Answer blob = get(layer);
    assertThat(blob.body()).isEqualTo(random(100_000, 11));
    assertThat(blob.header("Cache-Status")).isEqualTo(DISK_FULL);
    assertThat(ranges()).containsExactly("none");
  }

  @Test
  void aBrokenPassageGoesOnWhereItBroke() throws Exception {
    fillAndNotice();
    byte[] content = random(3_000_000, 12);
    Digest digest = upstream.putBlob(content);
    upstream.on("GET", BLOBS).cutAfter(700_000).times(2);
    assertThat(get(digest).body()).isEqualTo(content);
    assertThat(ranges()).containsExactly("none", "bytes=700000-", "bytes=1400000-");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1_000_000, 2_999_999})
  void oneWrongByteInAPassageCutsIt(long offset) throws Exception {
    fillAndNotice();
    Digest digest = upstream.putBlob(random(3_000_000, 13));
    upstream.on("GET", BLOBS).corruptByteAt(offset);
    Http.Answer answer = get(digest);
    assertThat(answer.whole()).isFalse();
    assertThat(answer.body().length).isEqualTo(3_000_000 - HELD_BYTES);
    assertThat(ranges()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4095, 4096, 4097, 8192, 300_000})
  void aBlobOfAnyLengthPasses(int sizeBytes) throws Exception {
    fillAndNotice();
    byte[] content = random(sizeBytes, 14);
    Digest digest = upstream.putBlob(content);
    Http.Answer answer = get(digest);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.whole()).isTrue();
    assertThat(answer.body()).isEqualTo(content);
  }

  /** An answer without a byte is complete with its head. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anEmptyBodyInPlaceOfABlobIsRefused(boolean isFull) throws Exception {
    if (isFull) {
      fillAndNotice();
    }
    Digest digest = upstream.putBlob(random(100, 15));
    upstream.on("GET", BLOBS).answer("application/octet-stream", new byte[0]);
    assertThat(get(digest).status()).isEqualTo(502);
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-, 0, 299999",
    "bytes=100000-, 100000, 299999",
    "bytes=10-19, 10, 19",
    "bytes=-100, 299900, 299999",
    "bytes=299999-, 299999, 299999",
  })
  void aRangePasses(String range, int first, int last) throws Exception {
    fillAndNotice();
    Digest digest = upstream.putBlob(random(300_000, 16));
    for (boolean ignoresRange : new boolean[] {false, true}) {
      if (ignoresRange) {
        upstream.on("GET", BLOBS).ignoreRange();
      }
      Http.Answer answer = get(digest, "Range: " + range);
      assertThat(answer.status()).isEqualTo(206);
      assertThat(answer.header("Content-Range"))
          .isEqualTo("bytes %d-%d/300000".formatted(first, last));
      assertThat(answer.header("Cache-Status")).isEqualTo(DISK_FULL);
      assertThat(answer.body()).isEqualTo(upstream.bytes(digest, first, last - first + 1));
    }
    assertThat(ranges()).hasSize(2).containsOnly(first == 0 ? "none" : "bytes=" + first + "-");
  }

  @Test
  void aRangeBeyondTheEndIsRefusedAndOneThatIsOutOfDateIsIgnored() throws Exception {
    fillAndNotice();
    byte[] content = random(1000, 17);
    Digest digest = upstream.putBlob(content);
    Http.Answer beyond = get(digest, "Range: bytes=1000-");
    assertThat(beyond.status()).isEqualTo(416);
    assertThat(beyond.header("Content-Range")).isEqualTo("bytes */1000");
    Http.Answer outOfDate = get(digest, "Range: bytes=10-", "If-Range: \"other\"");
    assertThat(outOfDate.status()).isEqualTo(200);
    assertThat(outOfDate.body()).isEqualTo(content);
  }

  @Test
  void aLengthThatUpstreamDoesNotSayIsFoundOutWhereItIsNeeded() throws Exception {
    fillAndNotice();
    byte[] content = random(300_000, 18);
    Digest digest = upstream.putBlob(content);
    upstream.on("*", BLOBS).noContentLength();
    Http.Answer chunked = get(digest);
    assertThat(chunked.header("Transfer-Encoding")).isEqualTo("chunked");
    assertThat(chunked.body()).isEqualTo(content);
    Http.Answer old =
        Http.raw(weir.port(), "GET " + path(digest) + " HTTP/1.0\r\nHost: weir\r\n\r\n");
    assertThat(old.header("Content-Length")).isEqualTo("300000");
    assertThat(old.body()).isEqualTo(content);
    assertThat(get(digest, "Range: bytes=5-9").body()).isEqualTo(upstream.bytes(digest, 5, 5));
    assertThat(ranges())
        .as("chunked; asked, read, sent; the range's answer says the length")
        .containsExactly("none", "none", "none", "none", "bytes=5-");
  }

  @Test
  void headIsAnsweredAndUpstreamsRefusalsKeepTheirMeaning() throws Exception {
    fillAndNotice();
    Digest digest = upstream.putBlob(random(1000, 19));
    assertThat(Http.head(weir.port(), path(digest)).header("Content-Length")).isEqualTo("1000");
    assertThat(get(Digest.Algorithm.SHA256.of(new byte[] {1})).status()).isEqualTo(404);
    upstream.on("GET", BLOBS).status(401);
    assertThat(get(digest).status()).isEqualTo(403);
  }

  @Test
  void nobodyKeepsAConnectionHoweverAPassageEnds() throws Exception {
    weir.close();
    weir = serve(1);
    Digest large = upstream.putRandomBlob(48L * MIB, 20);
    try (Http.Stream leaves = open(large)) {
      read(leaves, large.algorithm().newMessageDigest(), 40L * MIB);
    }
    upstream.on("GET", BLOBS).corruptByteAt(47_000_000).times(1);
    assertThat(client(large, new CountDownLatch(1), open()).call()).isFalse();
    assertThat(get(large, "Range: bytes=5-9").body()).isEqualTo(upstream.bytes(large, 5, 5));
    assertThat(get(large, "Range: bytes=" + 48 * MIB + "-").status()).isEqualTo(416);
    assertThat(client(large, new CountDownLatch(1), open()).call()).isTrue();
    assertNothingIncoming();
  }

  @Test
  void aWholeImagePassesThroughAFullDisk() throws Exception {
    Programs.require("docker-registry", "skopeo");
    TestImage image = TestImages.oci().multiArch();
    weir.close();
    try (DockerRegistry hub = DockerRegistry.started();
        Skopeo skopeo = new Skopeo()) {
      hub.push(image, "library/demo", "v1");
      weir =
          CacheServer.start(
              WeirServer.in(disk.path()).upstream("hub", hub.uri()),
              clock,
              new TrustingSpace(clock));
      disk.fill();
      hub.forgetRequests();
      String authority = "127.0.0.1:" + weir.port();
      skopeo.registries(RegistriesConf.empty().insecure(authority));
      assertThat(skopeo.copyAll(authority + "/hub/library/demo:v1").digests())
          .isEqualTo(image.digests());
      assertThat(hub.count("GET", ".*/manifests/.*")).isEqualTo(image.manifests().size());
    }
    assertNothingIncoming();
  }
}
