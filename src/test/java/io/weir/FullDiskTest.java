package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirProcess;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.SmallDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process on a disk that is full or read-only. */
@RealTest
class FullDiskTest {

  private static final long SIZE_BYTES = 6 << 20;

  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @TempDir private Path folder;
  private final ScriptedUpstream.Image image = upstream.image("team/app", "v1", new byte[10_000]);

  private WeirProcess weir(SmallDisk disk) {
    return WeirProcess.builder()
        .shortLived()
        .data(disk.path().resolve("data"))
        .upstream("hub", upstream.url())
        .build();
  }

  private void assertPulls(WeirProcess weir) throws IOException {
    Http.Answer manifest = Http.get(weir.port(), "/v2/hub/team/app/manifests/v1");
    assertThat(manifest.body()).isEqualTo(image.manifest());
    Http.Answer layer =
        Http.get(weir.port(), "/v2/hub/team/app/blobs/" + image.layers().getFirst());
    assertThat(layer.body()).isEqualTo(new byte[10_000]);
  }

  private static void terminate(WeirProcess weir) throws InterruptedException {
    weir.terminate();
    assertThat(weir.awaitExit(Duration.ofSeconds(10))).isZero();
  }

  private static List<String> warnings(WeirProcess weir) {
    return weir.log().filter(line -> !line.contains("\"level\":\"INFO\"")).toList();
  }

  @Test
  void onAFullDiskItStartsAndPassesOn() throws Exception {
    try (SmallDisk disk = SmallDisk.ext4(folder.resolve("disk"), SIZE_BYTES);
        WeirProcess weir = weir(disk)) {
      disk.fill();
      weir.start();
      assertPulls(weir);
      assertThat(warnings(weir).getFirst()).contains("the store cannot be written");
      assertThat(weir.readiness().status()).isEqualTo(200);
      terminate(weir);
    }
  }

  @Test
  void onAFullDiskItServesWhatIsStoredAndSoItDoesAfterAKill() throws Exception {
    try (SmallDisk disk = SmallDisk.ext4(folder.resolve("disk"), SIZE_BYTES);
        WeirProcess weir = weir(disk)) {
      weir.start();
      assertPulls(weir);
      terminate(weir);
      upstream.goOffline();
      disk.fill();

      weir.start();
      assertPulls(weir);
      weir.kill();

      weir.start();
      assertPulls(weir);
      assertThat(weir.readiness().status()).isEqualTo(200);
      terminate(weir);
    }
  }

  @Test
  void onAReadOnlyDiskItServesWhatIsStoredAndSaysWhy() throws Exception {
    try (SmallDisk disk = SmallDisk.ext4(folder.resolve("disk"), SIZE_BYTES);
        WeirProcess weir = weir(disk)) {
      weir.start();
      assertPulls(weir);
      terminate(weir);
      upstream.goOffline();
      disk.readOnly();

      weir.start();
      assertPulls(weir);
      assertThat(warnings(weir))
          .filteredOn(line -> line.contains("the store cannot be written"))
          .singleElement()
          .asString()
          .contains("Read-only file system");
      assertThat(weir.readiness().status()).isEqualTo(200);
      terminate(weir);
    }
  }

  /** A write that was taken and fails when it is forced: the bytes may be gone from memory, too. */
  @Test
  void onADyingDiskNoPullFailsAndNoWrongByteIsServed() throws Exception {
    try (SmallDisk disk = SmallDisk.dying(folder.resolve("disk"), 64 << 20, 16 << 20);
        WeirProcess weir = weir(disk)) {
      weir.start();
      for (int round = 0; round < 3; round++) {
        for (int number = 0; number < 4; number++) {
          Digest digest = upstream.putRandomBlob(6 << 20, number);
          Http.Answer blob = Http.get(weir.port(), "/v2/hub/team/app/blobs/" + digest);
          assertThat(blob.status()).as(blob::text).isEqualTo(200);
          assertThat(blob.whole()).isTrue();
          assertThat(digest.algorithm().of(blob.body())).isEqualTo(digest);
        }
      }
      assertPulls(weir);
      assertThat(warnings(weir)).isNotEmpty();
      assertThat(weir.readiness().status()).isEqualTo(200);
      terminate(weir);
    }
  }

  @Test
  void aDiskThatOthersFillIsSaidOnceAndSoIsItsEnd() throws Exception {
    try (SmallDisk disk = SmallDisk.tmpfs(folder.resolve("disk"), 16 << 20);
        WeirProcess weir = weir(disk)) {
      weir.start();
      assertThat(isFull(weir)).isFalse();
      disk.fill();
      for (int number = 0; number < 5; number++) {
        pullBlob(weir, number);
        assertThat(isFull(weir)).isTrue();
      }
      disk.free();
      assertThat(isFull(weir)).isFalse();
      while (!pullBlob(weir, 1).equals("weir; fwd=uri-miss; stored")) {
        // for a second it is not tried again
      }
      terminate(weir);
      assertThat(weir.log().filter(line -> line.contains("pass through unstored"))).hasSize(1);
      assertThat(weir.log().filter(line -> line.contains("has room again"))).hasSize(1);
    }
  }

  private static boolean isFull(WeirProcess weir) throws IOException {
    return Http.get(weir.adminPort(), "/metrics").text().contains("\nweir_store_full 1.0\n");
  }

  /** Pulls a blob of a mebibyte; gives its Cache-Status. */
  private String pullBlob(WeirProcess weir, int number) throws IOException {
    Digest digest = upstream.putRandomBlob(1 << 20, number);
    Http.Answer blob = Http.get(weir.port(), "/v2/hub/team/app/blobs/" + digest);
    assertThat(digest.algorithm().of(blob.body())).isEqualTo(digest);
    return blob.header("Cache-Status");
  }

  @Test
  void aDiskThatGrowsIsUsedWithoutARestart() throws Exception {
    Digest digest = upstream.putRandomBlob(8 << 20, 1);
    String path = "/v2/hub/team/app/blobs/" + digest;
    try (SmallDisk disk = SmallDisk.tmpfs(folder.resolve("disk"), SIZE_BYTES);
        WeirProcess weir = weir(disk)) {
      weir.start();
      assertThat(Http.get(weir.port(), path).header("Cache-Status"))
          .isEqualTo("weir; fwd=uri-miss; detail=\"larger than the store\"");
      disk.grow(64 << 20);
      Http.Answer blob = Http.get(weir.port(), path);
      assertThat(blob.header("Cache-Status")).isEqualTo("weir; fwd=uri-miss; stored");
      assertThat(digest.algorithm().of(blob.body())).isEqualTo(digest);
      terminate(weir);
    }
  }
}
