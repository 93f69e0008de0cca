package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranges of a blob that is not here yet, far from its beginning. */
class ColdRangeTest {

  private static final String BLOBS = ".*/blobs/.*";
  private static final int MIB = 1 << 20;
  private static final int SIZE = 32 * MIB;

  @TempDir private Path data;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  @AutoClose private WeirServer weir;
  private final CountDownLatch goOn = new CountDownLatch(1);
  private Digest digest;

  @BeforeEach
  void start() throws IOException {
    weir =
        WeirServer.in(data)
            .timeouts(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(10))
            .upstream("hub", upstream.url())
            .start();
    digest = upstream.putRandomBlob(SIZE, 7);
  }

  @AfterEach
  void goOn() {
    goOn.countDown();
  }

  /**
   * A client asks for the whole, whose fetch waits after its first two mebibytes. What the test
   * sets up after that is for others.
   */
  private Future<Http.Answer> beginTheWhole() {
    upstream.on("GET", BLOBS).times(1).stallAfter(2L * MIB, goOn);
    Future<Http.Answer> whole = clients.submit(() -> Http.get(weir.port(), path()));
    await("the fetch has stalled", () -> upstream.bodyBytes() == 2L * MIB);
    return whole;
  }

  private String path() {
    return "/v2/hub/team/app/blobs/" + digest;
  }

  private Http.Answer range(String range) throws IOException {
    return Http.get(weir.port(), path(), "Range: bytes=" + range);
  }

  private void assertRange(Http.Answer answer, long from, long to) {
    assertThat(answer.status()).isEqualTo(206);
    assertThat(answer.header("Content-Range"))
        .isEqualTo("bytes %d-%d/%d".formatted(from, to - 1, SIZE));
    assertThat(answer.whole()).isTrue();
    assertThat(answer.body()).isEqualTo(upstream.bytes(digest, from, (int) (to - from)));
  }

  private static void await(String what, BooleanSupplier condition) {
    Instant end = Instant.now().plusSeconds(20);
    while (!condition.getAsBoolean()) {
      assertThat(Instant.now()).as(what).isBefore(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void assertWhole(Http.Answer answer) {
    assertThat(answer.whole()).isTrue();
    assertThat(digest.algorithm().of(answer.body())).isEqualTo(digest);
  }

  @Test
  void aRangeThatIsFarAheadComesFirstAndItsBytesCrossTheNetworkOnce() throws Exception {
    Future<Http.Answer> whole = beginTheWhole();
    upstream.bytesPerSecond(32L * MIB);
    long from = 20L * MIB + 5;
    assertRange(range(from + "-" + (from + 3 * MIB - 1)), from, from + 3 * MIB);
    assertThat(upstream.requests("GET", BLOBS).getLast().header("range"))
        .contains("bytes=" + from + "-" + (from + 3 * MIB - 1));
    goOn.countDown();
    assertWhole(join(whole));
    // What was on its way when the fetch came to the range and let go of its connection.
    assertThat(upstream.bodyBytes()).isBetween((long) SIZE, SIZE + 4L * MIB);
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(3);
  }

  @Test
  void theEndOfABlobIsHadWithoutTheRest() throws Exception {
    Future<Http.Answer> whole = beginTheWhole();
    assertRange(range("-1000"), SIZE - 1000, SIZE);
    goOn.countDown();
    assertWhole(join(whole));
  }

  @Test
  void aRangeThatIsNearWaitsForTheFetch() throws IOException {
    assertRange(range("3145728-4194303"), 3 * MIB, 4 * MIB);
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(1);
  }

  @Test
  void manyWhoAskForTheSameRangeShareOneRequest() throws Exception {
    Future<Http.Answer> whole = beginTheWhole();
    CountDownLatch partGoesOn = new CountDownLatch(1);
    upstream.on("GET", BLOBS).times(1).stallAfter(1000, partGoesOn);
    List<Future<Http.Answer>> answers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      answers.add(clients.submit(() -> range("10485760-12582911")));
    }
    upstream.awaitRequests("GET", BLOBS, 2);
    partGoesOn.countDown();
    for (Future<Http.Answer> answer : answers) {
      assertRange(join(answer), 10 * MIB, 12 * MIB);
    }
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(2);
    goOn.countDown();
    assertWhole(join(whole));
  }

  @Test
  void aBrokenPartIsGoneOnWith() throws Exception {
    Future<Http.Answer> whole = beginTheWhole();
    upstream.on("GET", BLOBS).times(1).cutAfter(MIB);
    assertRange(range("10485760-14680063"), 10 * MIB, 14 * MIB);
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(3);
    assertThat(upstream.requests("GET", BLOBS).getLast().header("range"))
        .hasValue("bytes=11534336-14680063");
    goOn.countDown();
    assertWhole(join(whole));
  }

  @Test
  void whoGoesOnWithAnUnfinishedDownloadHasItsEndOnlyWhenTheWholeIsRight() throws Exception {
    Future<Http.Answer> whole = beginTheWhole();
    long from = 16L * MIB;
    try (Http.Stream rest = Http.open(weir.port(), "GET", path(), "Range: bytes=" + from + "-")) {
      assertThat(rest.status()).isEqualTo(206);
      ByteArrayOutputStream got = new ByteArrayOutputStream();
      int visibleBytes = SIZE - (int) from - 4096;
      while (got.size() < visibleBytes) {
        byte[] piece = new byte[visibleBytes - got.size()];
        int count = rest.read(piece);
        assertThat(count).isPositive();
        got.write(piece, 0, count);
      }
      assertThat(got.toByteArray()).isEqualTo(upstream.bytes(digest, from, visibleBytes));
      goOn.countDown();
      assertThat(rest.readToEnd()).isEqualTo(upstream.bytes(digest, SIZE - 4096, 4096));
      assertThat(rest.whole()).isTrue();
    }
    assertWhole(join(whole));
  }

  @Test
  void whoGoesOnWithADownloadOfAWrongBlobNeverHasItsEnd() throws Exception {
    upstream.on("GET", BLOBS).times(1).corruptByteAt(MIB).stallAfter(2L * MIB, goOn);
    Future<Http.Answer> rest = clients.submit(() -> range(16 * MIB + "-"));
    upstream.awaitRequests("GET", BLOBS, 2);
    goOn.countDown();
    assertThat(join(rest).whole()).isFalse();
  }

  @Test
  void aPartThatLiesIsFoundOutInItsPlace() throws Exception {
    Future<Http.Answer> whole = beginTheWhole();
    upstream.on("GET", BLOBS).times(1).corruptByteAt(20L * MIB);
    Http.Answer lie = range("18874368-23068671"); // nobody can tell from a part
    assertThat(lie.status()).isEqualTo(206);
    goOn.countDown();
    assertThat(join(whole).whole()).isFalse();
    assertWhole(Http.get(weir.port(), path()));
  }

  @Test
  void anUpstreamWithoutRangesIsWaitedFor() throws Exception {
    Future<Http.Answer> whole = beginTheWhole();
    upstream.on("GET", BLOBS).ignoreRange();
    Future<Http.Answer> answer = clients.submit(() -> range("20971520-20975615"));
    upstream.awaitRequests("GET", BLOBS, 2);
    goOn.countDown();
    assertRange(join(answer), 20 * MIB, 20 * MIB + 4096);
    assertWhole(join(whole));
  }

  @Test
  void aRangeBehindTheEndIsRefusedAsEver() throws Exception {
    Future<Http.Answer> whole = beginTheWhole();
    assertThat(range(SIZE + "-").status()).isEqualTo(416);
    assertThat(range("-0").status()).isEqualTo(416);
    goOn.countDown();
    assertWhole(join(whole));
  }

  private static Http.Answer join(Future<Http.Answer> answer) {
    try {
      return answer.get();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
