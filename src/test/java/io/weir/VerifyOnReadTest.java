package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With {@code scrub.verify-on-read} no wrong byte of a stored blob is served to its end. */
@Timeout(60)
class VerifyOnReadTest {

  private static final int SIZE = 8 << 20;

  @TempDir private Path data;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  @AutoClose private WeirServer weir;
  private Digest digest;

  @BeforeEach
  void pullOnce() throws IOException {
    digest = upstream.putRandomBlob(SIZE, 5);
    weir = configured(false).start().awaitReconciliation();
    get();
    Instant end = Instant.now().plusSeconds(20);
    while (!get().header("Cache-Status").equals("weir; hit")) {
      assertThat(Instant.now()).isBefore(end);
    }
    assertThat(weir.reload(configured(true))).isEmpty();
    upstream.forgetRequests();
  }

  private WeirServer.Builder configured(boolean verifiesOnRead) {
    return WeirServer.in(data)
        .scrub(new Config.Scrub(Duration.ZERO, 1 << 20, verifiesOnRead))
        .upstream("hub", upstream.url());
  }

  private String path() {
    return "/v2/hub/team/app/blobs/" + digest;
  }

  private Http.Answer get(String... headers) throws IOException {
    return Http.get(weir.port(), path(), headers);
  }

  private void flipByteAt(long offset) throws IOException {
    Path path = data.resolve("blobs/sha256").resolve(digest.hex());
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(offset);
      int right = file.read();
      file.seek(offset);
      file.write(right ^ 1);
    }
  }

  private void assertRight(Http.Answer answer) {
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.whole()).isTrue();
    assertThat(digest.algorithm().of(answer.body())).isEqualTo(digest);
  }

  @Test
  void aSoundBlobIsServedAsEver() throws IOException {
    Http.Answer answer = get();
    assertRight(answer);
    assertThat(answer.header("Cache-Status")).isEqualTo("weir; hit");
    Http.Answer part = get("Range: bytes=1000000-2999999");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(answer.body(), 1_000_000, 3_000_000));
    assertThat(get("Range: bytes=-1").body()).hasSize(1);
    assertThat(Http.head(weir.port(), path()).header("Content-Length"))
        .isEqualTo(Integer.toString(SIZE));
    assertThat(upstream.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, SIZE / 2, SIZE - 1})
  void nobodyGetsADamagedBlobWholeAndTheNextPullIsRight(int offset) throws Exception {
    flipByteAt(offset);
    List<Future<Http.Answer>> answers = new ArrayList<>();
    try (Http.Stream slow = Http.open(weir.port(), "GET", path())) {
      for (int i = 0; i < 8; i++) {
        answers.add(clients.submit(() -> get()));
      }
      for (Future<Http.Answer> answer : answers) {
        assertCutOrRefusedOrRight(answer.get());
      }
      boolean isRefused = slow.status() == 503; // where the damage is found before it has begun
      assertThat(slow.readToEnd()).hasSizeLessThanOrEqualTo(SIZE - 4096);
      assertThat(slow.whole()).isEqualTo(isRefused);
    }
    assertRight(get());
    assertThat(upstream.count("GET", ".*/blobs/.*")).isEqualTo(1);
    assertThat(data.resolve("quarantine/sha256-" + digest.hex())).exists();
  }

  /** Who comes as the damage is found is refused; who comes later gets what is fetched anew. */
  private void assertCutOrRefusedOrRight(Http.Answer answer) {
    if (answer.status() == 503) {
      assertThat(answer.text()).contains("damaged");
    } else if (answer.whole()) {
      assertRight(answer);
    }
  }

  @Test
  void aSlowReaderGetsASoundBlobAlthoughItIsEvictedMeanwhile() throws Exception {
    try (Http.Stream slow = Http.open(weir.port(), "GET", path())) {
      assertRight(get());
      Files.delete(data.resolve("blobs/sha256").resolve(digest.hex()));
      byte[] body = slow.readToEnd();
      assertThat(slow.whole()).isTrue();
      assertThat(digest.algorithm().of(body)).isEqualTo(digest);
    }
  }

  @Test
  void aReaderThatLeavesDisturbsNobody() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (Http.Stream left = Http.open(weir.port(), "GET", path())) {
        assertThat(left.read(new byte[1])).isEqualTo(1);
      }
    }
    assertRight(get());
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void itCanBeSwitchedOffAgain() throws IOException {
    assertThat(weir.reload(configured(false))).isEmpty();
    flipByteAt(SIZE / 2);
    assertThat(get().whole()).isTrue();
  }
}
