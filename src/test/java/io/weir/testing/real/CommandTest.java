package io.weir.testing.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

@RealTest
final class CommandTest {

  @TempDir private Path folder;

  @Test
  void bothStreamsAndTheExitCodeAreKept() {
    Command.Outcome outcome = Command.of("sh", "-c", "echo seen; echo wrong >&2; exit 3").run();

    assertThat(outcome.output()).isEqualTo("seen\n");
    assertThat(outcome.errors()).isEqualTo("wrong\n");
    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.ok()).isFalse();
    assertThatThrownBy(outcome::orFail)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("exit 3")
        .hasMessageContaining("seen")
        .hasMessageContaining("wrong");
  }

  @Test
  void theEnvironmentIsNotThatOfTheTest() {
    String variables = Command.of("env").withHome(folder).run().orFail().output();

    assertThat(variables.lines())
        .contains("HOME=" + folder, "TMPDIR=" + folder, "HTTPS_PROXY=http://127.0.0.1:1")
        .noneMatch(line -> line.startsWith("JAVA_HOME="));
  }

  @Test
  void whatRunsTooLongIsKilledWithItsChildren() throws Exception {
    Path numbers = folder.resolve("numbers");
    String script = "sleep 50 & echo $$ $! > %s; echo begun; wait".formatted(numbers);
    Command command = Command.of("sh", "-c", script).within(Duration.ofSeconds(2));

    assertThatThrownBy(command::run)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("still running")
        .hasMessageContaining("begun");
    for (String number : Files.readString(numbers).strip().split(" ", -1)) {
      assertThat(ProcessTree.isAlive(Long.parseLong(number))).isFalse();
    }
  }

  @Test
  void aMissingProgramSkipsTheTest() {
    assertThat(Programs.find("sh")).isPresent();
    assertThat(Programs.find("no-such-program")).isEmpty();
    boolean isRequired = "1".equals(System.getenv(Programs.REQUIRE));

    assertThatThrownBy(() -> Programs.require("sh", "no-such-program"))
        .isInstanceOf(isRequired ? AssertionError.class : TestAbortedException.class)
        .hasMessageContaining("not installed: no-such-program");
  }
}
