package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large blobs from an upstream that limits each connection. */
class ManyConnectionsTest {

  private static final String BLOBS = ".*/blobs/.*";
  private static final int MIB = 1 << 20;
  private static final int SIZE = 48 * MIB;

  /** Upstream may not have noticed yet that a connection was let go. */
  private static final int LET_GO = 1;

  @TempDir private Path data;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();

  private WeirServer serve(int connections, int connectionsPerBlob) throws IOException {
    return WeirServer.in(data)
        .connectionsPerBlob(connectionsPerBlob)
        .timeouts(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(10))
        .upstream("hub", hub -> hub.connections(connections), upstream.url())
        .start();
  }

  private static String path(Digest digest) {
    return "/v2/hub/team/app/blobs/" + digest;
  }

  private static Http.Answer pull(WeirServer weir, Digest digest) throws IOException {
    Http.Answer answer = Http.get(weir.port(), path(digest));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.whole()).isTrue();
    assertThat(digest.algorithm().of(answer.body())).isEqualTo(digest);
    return answer;
  }

  @Test
  void aLargeBlobComesOverSeveralAndEachByteOnce() throws IOException {
    Digest digest = upstream.putRandomBlob(SIZE, 1);
    upstream.bytesPerSecond(6L * MIB); // on each connection
    try (WeirServer weir = serve(16, 4)) {
      long begun = System.nanoTime();
      pull(weir, digest);
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .as("eight seconds over one connection")
          .isLessThan(Duration.ofSeconds(7));
    }
    assertThat(upstream.concurrentRequestsMax()).isBetween(2, 4 + LET_GO);
    assertThat(upstream.bodyBytes())
        .as("but for what was on its way when a connection was let go")
        .isBetween((long) SIZE, SIZE + 2L * MIB);
  }

  @Test
  void neverMoreThanMayBe() throws IOException {
    Digest digest = upstream.putRandomBlob(SIZE, 2);
    upstream.bytesPerSecond(6L * MIB);
    try (WeirServer weir = serve(3, 8)) {
      pull(weir, digest);
    }
    // One of the three is for manifests.
    assertThat(upstream.concurrentRequestsMax()).isLessThanOrEqualTo(2 + LET_GO);
  }

  @Test
  void oneConnectionWhereTheConfigurationSaysSo() throws IOException {
    Digest digest = upstream.putRandomBlob(24L * MIB, 3);
    upstream.bytesPerSecond(8L * MIB);
    try (WeirServer weir = serve(16, 1)) {
      pull(weir, digest);
    }
    assertThat(upstream.count("GET", BLOBS)).isEqualTo(1);
  }

  @Test
  void anUpstreamWithoutRangesGivesTheWholeOverOne() throws IOException {
    Digest digest = upstream.putRandomBlob(24L * MIB, 4);
    upstream.bytesPerSecond(8L * MIB);
    upstream.on("GET", BLOBS).ignoreRange();
    try (WeirServer weir = serve(16, 4)) {
      pull(weir, digest);
    }
    assertThat(upstream.requests("GET", BLOBS).getFirst().header("range")).isEmpty();
  }

  @Test
  void aLieInAPartIsFoundOut() throws IOException {
    Digest digest = upstream.putRandomBlob(SIZE, 5);
    upstream.bytesPerSecond(6L * MIB);
    upstream.on("GET", BLOBS).corruptByteAt(20L * MIB);
    try (WeirServer weir = serve(16, 4)) {
      assertThat(Http.get(weir.port(), path(digest)).whole()).isFalse();
      upstream.behave();
      pull(weir, digest);
    }
  }

  @Test
  void brokenConnectionsAreGoneOnWith() throws IOException {
    Digest digest = upstream.putRandomBlob(SIZE, 6);
    upstream.bytesPerSecond(8L * MIB);
    upstream.on("GET", BLOBS).times(8).cutAfter(3L * MIB);
    try (WeirServer weir = serve(16, 4)) {
      pull(weir, digest);
    }
  }
}
