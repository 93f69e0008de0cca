package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirProcess;
import io.weir.testing.real.Command;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When the program starts, and how it says why it does not. */
@Timeout(60)
class StartTest {

  @TempDir private Path folder;

  private static WeirProcess.Builder weir() {
    return WeirProcess.builder().shortLived();
  }

  /** What the start took here, with both processors busy with other things: 0.9 to 3.8 s. */
  @Test
  void withoutConfigurationAndWithoutNetworkItIsReadySoonAndSaysWhyAPullFails() throws Exception {
    long begun = System.nanoTime();
    try (WeirProcess weir = weir().start()) {
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));

      begun = System.nanoTime();
      Http.Answer answer = Http.get(weir.port(), "/v2/docker.io/library/alpine/manifests/latest");

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
      assertThat(answer.status()).isIn(502, 504);
      assertThat(answer.text()).contains("\"code\":\"UNAVAILABLE\"", "docker.io: ");
      assertThat(weir.readiness().status()).isEqualTo(200);
      weir.terminate();
      assertThat(weir.awaitExit(Duration.ofSeconds(5))).isZero();
    }
  }

  @Test
  void whatWasPulledIsServedAfterAStartWithoutUpstream() throws Exception {
    try (ScriptedUpstream upstream = ScriptedUpstream.start()) {
      ScriptedUpstream.Image image = upstream.image("team/app", "v1", new byte[100]);
      try (WeirProcess weir = weir().upstream("hub", upstream.url()).build()) {
        weir.start();
        assertPulls(weir, image);
        weir.terminate();
        assertThat(weir.awaitExit(Duration.ofSeconds(5))).isZero();
        upstream.goOffline();

        weir.start();

        assertPulls(weir, image);
      }
    }
  }

  private static void assertPulls(WeirProcess weir, ScriptedUpstream.Image image)
      throws IOException {
    Http.Answer manifest = Http.get(weir.port(), "/v2/hub/team/app/manifests/v1");
    assertThat(manifest.body()).isEqualTo(image.manifest());
    Http.Answer layer =
        Http.get(weir.port(), "/v2/hub/team/app/blobs/" + image.layers().getFirst());
    assertThat(layer.body()).isEqualTo(new byte[100]);
  }

  /** Each kill used to leave SQLite's library, 1.1 MB, and a folder of Vert.x's. */
  @Test
  void aKilledServerLeavesNoTemporaryFiles() {
    try (WeirProcess weir = weir().start()) {
      weir.kill();

      assertThat(weir.temporary()).isEmptyDirectory();
    }
  }

  @Test
  void aSecondProcessOnTheSameFolderIsRefusedWithTheNumberOfTheFirst() throws Exception {
    try (WeirProcess first = weir().start()) {
      Command.Outcome second = weir().data(first.data()).run();

      assertRefused(
          second,
          1,
          "weir: the store %s is in use by another process (process %d); "
              .formatted(first.data(), first.processId()));
      assertThat(first.readiness().status()).isEqualTo(200);
    }
  }

  @Test
  void aPortInUseIsRefusedWithTheAddressAndWhatToDo() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();

      assertRefused(
          weir().listen(address).run(), 1, "weir: cannot listen on %s: ".formatted(address));
      Command.Outcome admin = weir().admin(address).run();
      assertRefused(admin, 1, "weir: cannot listen on %s: ".formatted(address));
      assertThat(admin.errors()).contains("ddress already in use; ", "--admin");
    }
  }

  @Test
  void aConfigurationThatCannotBeUsedIsRefusedWithFileAndLine() {
    Command.Outcome refused =
        weir().config("registry:\n  shutdown-grace: 30s\n  listen: x\n").run();

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.errors())
        .matches("weir: /\\S+/weir\\.yaml:3: [^\n]*listen[^\n]*\\n")
        .contains("listen");
  }

  @Test
  void aFolderThatCannotBeMadeIsRefused() throws Exception {
    Path data = Files.writeString(folder.resolve("file"), "").resolve("data");

    assertRefused(
        weir().data(data).run(), 1, "weir: cannot create the store folder %s: ".formatted(data));
  }

  @Test
  void aFolderThatIsSomethingElseIsRefused() throws Exception {
    Files.writeString(folder.resolve("incoming"), "a file");

    assertRefused(
        weir().data(folder).run(), 1, "weir: cannot open the store %s: ".formatted(folder));
  }

  /** Not even root may write below {@code /proc}. */
  @Test
  void aFolderThatCannotBeWrittenIsRefused() {
    Path data = Path.of("/proc", Long.toString(ProcessHandle.current().pid()));

    assertRefused(weir().data(data).run(), 1, "weir: cannot open the store %s: ".formatted(data));
  }

  private static void assertRefused(Command.Outcome outcome, int status, String line) {
    assertThat(outcome.exitCode()).as("%s", outcome).isEqualTo(status);
    assertThat(outcome.errors()).startsWith(line).hasLineCount(1).endsWith("\n");
    assertThat(outcome.output()).isEmpty();
  }
}
