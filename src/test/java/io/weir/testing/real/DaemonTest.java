package io.weir.testing.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

@RealTest
final class DaemonTest {

  /** A shell script that is ready when it has printed "ready" to its standard error. */
  private static final class Script extends Daemon {
    private final String script;

    Script(String script) {
      super("script");
      this.script = script;
    }

    @Override
    protected Command command() {
      return Command.of("sh", "-c", script);
    }

    @Override
    protected boolean ready() throws Exception {
      return errorsSinceStart().contains("ready");
    }

    Path file(String name) {
      return folder().resolve(name);
    }

    long number() {
      return pid();
    }
  }

  @Test
  void aProgramThatEndsShowsItsLog() {
    try (Script daemon = new Script("echo the reason >&2; exit 7")) {
      assertThatThrownBy(daemon::start)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("ended with 7")
          .hasMessageContaining("the reason");
      assertThat(daemon.isRunning()).isFalse();
    }
  }

  @Test
  void stopTakesChildrenAlong() throws Exception {
    try (Script daemon = new Script("sleep 50 & echo $! > child; echo ready >&2; wait")) {
      daemon.start();
      long parent = daemon.number();
      long child = Long.parseLong(Files.readString(daemon.file("child")).strip());
      assertThat(ProcessTree.isAlive(child)).isTrue();

      daemon.stop();

      assertThat(ProcessTree.isAlive(parent)).isFalse();
      assertThat(ProcessTree.isAlive(child)).isFalse();
    }
  }

  @Test
  void aStoppedDaemonStartsAgainWithItsFilesAndCloseRemovesThem() {
    Script daemon = new Script("echo again >> starts; echo ready >&2; sleep 50");
    daemon.start();
    daemon.kill();
    daemon.start();

    assertThat(daemon.file("starts")).hasContent("again\nagain");
    daemon.close();
    assertThat(daemon.file("starts").getParent()).doesNotExist();
  }
}
