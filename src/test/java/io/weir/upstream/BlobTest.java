package io.weir.upstream;

import static io.weir.upstream.Harness.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.oci.Digest;
import io.weir.oci.Tag;
import io.weir.testing.ScriptedUpstream;
import io.weir.upstream.UpstreamException.Kind;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlobTest {

  private static final int SIZE_BYTES = 3_000_000;
  private static final String BLOBS = "/v2/.*/blobs/.*";

  private final ScriptedUpstream first = ScriptedUpstream.start();
  private final ScriptedUpstream second = ScriptedUpstream.start();
  private final Harness harness = new Harness(first);
  private final Digest blob = first.putRandomBlob(SIZE_BYTES, 1);

  BlobTest() {
    second.putRandomBlob(SIZE_BYTES, 1);
  }

  @AfterEach
  void close() {
    harness.close();
    first.close();
    second.close();
  }

  private Upstream openBoth() {
    harness.urls = List.of(first.url(), second.url());
    return harness.open();
  }

  private static byte[] read(Upstream upstream, Digest digest, long fromByte) {
    try (RemoteBlob body = upstream.openBlob(REPOSITORY, digest, fromByte, -1)) {
      return Harness.readAll(body);
    }
  }

  @Test
  void aBlobArrivesWholeWithItsSizeAndIsCounted() {
    try (RemoteBlob body = harness.open().openBlob(REPOSITORY, blob, 0, -1)) {
      assertThat(body.offset()).isZero();
      assertThat(body.sizeBytes()).isEqualTo(SIZE_BYTES);
      assertThat(Digest.Algorithm.SHA256.of(Harness.readAll(body))).isEqualTo(blob);
      assertThat(body.next()).isNull();
    }
    assertThat(harness.metric("weir_upstream_received_bytes", "upstream", "scripted"))
        .isEqualTo(SIZE_BYTES);
    assertThat(first.requests().getFirst().headers())
        .containsEntry("accept-encoding", List.of("identity"))
        .doesNotContainKey("range");
    assertThat(first.requests().getFirst().query()).isNull();
    assertThat(first.requests().getFirst().header("user-agent").orElse("")).startsWith("weir/");
  }

  @Test
  void theConnectionIsUsedAgain() {
    Upstream upstream = harness.open();
    for (int i = 0; i < 5; i++) {
      read(upstream, blob, 0);
      upstream.headBlob(REPOSITORY, blob);
    }
    assertThat(first.openConnections()).isEqualTo(1);
  }

  @Test
  void anEmptyBlobIsABlob() {
    Digest empty = first.putBlob(new byte[0]);
    assertThat(read(harness.open(), empty, 0)).isEmpty();
  }

  @Test
  void aBlobOfUnknownLengthArrivesToo() {
    first.on("GET", BLOBS).noContentLength();
    try (RemoteBlob body = harness.open().openBlob(REPOSITORY, blob, 0, -1)) {
      assertThat(body.sizeBytes()).isEqualTo(-1);
      assertThat(Digest.Algorithm.SHA256.of(Harness.readAll(body))).isEqualTo(blob);
    }
  }

  @Test
  void aBlobIsResumedWhereItBroke() {
    byte[] whole = read(harness.open(), blob, 0);
    try (RemoteBlob rest = harness.open().openBlob(REPOSITORY, blob, 1_234_567, -1)) {
      assertThat(rest.offset()).isEqualTo(1_234_567);
      assertThat(rest.sizeBytes()).isEqualTo(SIZE_BYTES);
      assertThat(Harness.readAll(rest)).isEqualTo(Arrays.copyOfRange(whole, 1_234_567, SIZE_BYTES));
    }
    assertThat(first.requests().getLast().header("range")).contains("bytes=1234567-");
  }

  @Test
  void anUpstreamThatDoesNotDoRangesBeginsAgain() {
    first.on("GET", BLOBS).ignoreRange();
    try (RemoteBlob body = harness.open().openBlob(REPOSITORY, blob, 1000, -1)) {
      assertThat(body.offset()).isZero();
      assertThat(body.sizeBytes()).isEqualTo(SIZE_BYTES);
      assertThat(Harness.readAll(body)).hasSize(SIZE_BYTES);
    }
  }

  @Test
  void anotherRangeThanWasAskedForIsRefused() {
    for (String range :
        new String[] {"bytes 999-2999999/3000000", "bytes 1000-2000/3000000", "x"}) {
      first.behave();
      first.on("GET", BLOBS).header("Content-Range", range);
      assertThatThrownBy(() -> harness.open().openBlob(REPOSITORY, blob, 1000, -1))
          .hasMessage("scripted: it cannot resume the blob: it answered another range")
          .extracting("kind")
          .isEqualTo(Kind.INVALID);
    }
    assertThatThrownBy(() -> harness.open().openBlob(REPOSITORY, blob, SIZE_BYTES, -1))
        .extracting("kind")
        .isEqualTo(Kind.INVALID);
  }

  @Test
  void aCutBodySaysHowFarItCame() {
    first.on("GET", BLOBS).cutAfter(1_000_000);
    try (RemoteBlob body = harness.open().openBlob(REPOSITORY, blob, 0, -1)) {
      assertThatThrownBy(() -> Harness.readAll(body))
          .hasMessage(
              "scripted: the connection broke after 1000000 bytes (127.0.0.1:" + first.port() + ")")
          .extracting("kind")
          .isEqualTo(Kind.UNAVAILABLE);
    }
  }

  @Test
  void aCutBodyOfUnknownLengthIsNotTakenForWhole() {
    first.on("GET", BLOBS).noContentLength().cutAfter(1_000_000);
    try (RemoteBlob body = harness.open().openBlob(REPOSITORY, blob, 0, -1)) {
      assertThatThrownBy(() -> Harness.readAll(body)).isInstanceOf(UpstreamException.class);
    }
  }

  @Test
  void aStalledBodyIsNotWaitedForWithoutEnd() {
    harness.stall = Duration.ofMillis(50);
    first.on("GET", BLOBS).stallAfter(1_000_000, new CountDownLatch(1));
    try (RemoteBlob body = harness.open().openBlob(REPOSITORY, blob, 0, -1)) {
      assertThatThrownBy(() -> Harness.readAll(body))
          .hasMessageStartingWith("scripted: the body stalled for 50 ms")
          .extracting("kind")
          .isEqualTo(Kind.TIMEOUT);
    }
  }

  @Test
  void aBrokenBodyIsResumedAtAnotherUrlWhileNewBlobsStillComeFromTheFirst() {
    first.on("GET", BLOBS).times(1).cutAfter(1_000_000);
    Upstream upstream = openBoth();
    try (RemoteBlob body = upstream.openBlob(REPOSITORY, blob, 0, -1)) {
      assertThatThrownBy(() -> Harness.readAll(body)).isInstanceOf(UpstreamException.class);
    }
    assertThat(read(upstream, blob, 1_000_000)).hasSize(SIZE_BYTES - 1_000_000);
    assertThat(second.count("GET", BLOBS)).isEqualTo(1);

    read(upstream, blob, 0);
    assertThat(first.count("GET", BLOBS)).isEqualTo(2);
    harness.clock.advance(Duration.ofMinutes(1));
    read(upstream, blob, 1);
    assertThat(first.count("GET", BLOBS)).isEqualTo(3);
  }

  @Test
  void aResumptionIsMadeAlsoWhileTheUpstreamIsFailing() {
    Upstream upstream = harness.open();
    first.goOffline();
    assertThatThrownBy(() -> upstream.openBlob(REPOSITORY, blob, 0, -1));
    first.goOnline();
    assertThatThrownBy(() -> upstream.openBlob(REPOSITORY, blob, 0, -1))
        .hasMessageContaining("connection refused");
    assertThat(read(upstream, blob, 1)).hasSize(SIZE_BYTES - 1);
    assertThat(upstream.isFailing()).isFalse();
  }

  @Test
  void aBlobThatIsClosedEarlyStopsTheUpstream() throws Exception {
    Digest large = first.putRandomBlob(256 << 20, 2);
    Upstream upstream = harness.open();
    try (RemoteBlob body = upstream.openBlob(REPOSITORY, large, 0, -1)) {
      assertThat(body.next()).isNotNull();
    }
    assertThat(read(upstream, blob, 0)).hasSize(SIZE_BYTES);
    assertThat(first.bodyBytes()).isLessThan(100 << 20);
  }

  @Test
  void aReaderThatDoesNotReadHoldsTheUpstreamBack() throws Exception {
    long sizeBytes = 128 << 20;
    Digest unread = first.putRandomBlob(sizeBytes, 3);
    Upstream upstream = harness.open();
    try (RemoteBlob body = upstream.openBlob(REPOSITORY, unread, 0, -1)) {
      ByteBuffer head = body.next();
      // While this one arrives, all of the other would have, if nothing held it back.
      try (RemoteBlob other = upstream.openBlob(REPOSITORY, unread, 0, -1)) {
        assertThat(digest(ByteBuffer.allocate(0), other)).isEqualTo(unread);
      }
      long inSocketsMax = 24 << 20;
      assertThat(first.bodyBytes()).isBetween(sizeBytes, sizeBytes + inSocketsMax);
      assertThat(head).isNotNull();
      assertThat(digest(head, body)).isEqualTo(unread);
    }
  }

  private static Digest digest(@Nullable ByteBuffer head, RemoteBlob rest) {
    MessageDigest hash = Digest.Algorithm.SHA256.newMessageDigest();
    for (ByteBuffer piece = head; piece != null; piece = rest.next()) {
      assertThat(piece.hasArray()).isTrue();
      hash.update(piece);
    }
    return Digest.Algorithm.SHA256.finish(hash.digest());
  }

  @Test
  void aPageForPeopleIsNoBlob() {
    first.on("GET", BLOBS).html();
    assertThatThrownBy(() -> harness.open().openBlob(REPOSITORY, blob, 0, -1))
        .hasMessage("scripted: the blob is a page for people (text/html)")
        .extracting("kind")
        .isEqualTo(Kind.INVALID);
  }

  @Test
  void whatIsEncodedIsNotTheBlob() {
    first.on("GET", BLOBS).header("Content-Encoding", "gzip");
    assertThatThrownBy(() -> harness.open().openBlob(REPOSITORY, blob, 0, -1))
        .hasMessage("scripted: an answer with Content-Encoding gzip")
        .extracting("kind")
        .isEqualTo(Kind.INVALID);
  }

  @Test
  void manifestsPassWhileBlobsTakeAllTheConnectionsTheyMay() {
    first.image("library/app", "1", new byte[1]);
    harness.connections = 4;
    Upstream upstream = harness.open();
    try (RemoteBlob _ = upstream.openBlob(REPOSITORY, blob, 0, -1);
        RemoteBlob _ = upstream.openBlob(REPOSITORY, blob, 0, -1);
        RemoteBlob _ = upstream.openBlob(REPOSITORY, blob, 0, -1)) {
      assertThat(upstream.getManifest(REPOSITORY, Tag.parse("1")).content()).isNotEmpty();
    }
    try (RemoteBlob body = upstream.openBlob(REPOSITORY, blob, 0, -1)) {
      assertThat(Harness.readAll(body)).hasSize(SIZE_BYTES);
    }
  }

  @Test
  void aBlobThatIsNotThereHoldsNoConnection() {
    harness.connections = 1;
    Upstream upstream = harness.open();
    Digest absent = Digest.Algorithm.SHA256.of(new byte[] {1, 2, 3});
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> upstream.openBlob(REPOSITORY, absent, 0, -1))
          .hasMessage("scripted: answered 404: blob unknown")
          .extracting("kind")
          .isEqualTo(Kind.NOT_FOUND);
    }
    assertThat(read(upstream, blob, 0)).hasSize(SIZE_BYTES);
  }
}
