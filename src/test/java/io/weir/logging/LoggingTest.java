package io.weir.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** In a process of its own, because a process has one log. */
@Timeout(60)
class LoggingTest {

  @Test
  void everythingOfOursIsWrittenFromTheLevelUpAndOfLibrariesOnlyWarnings() throws Exception {
    assertThat(log(LogFormat.TEXT, Level.DEBUG))
        .extracting(line -> line.substring(line.indexOf("Z ") + 2))
        .containsExactlyInAnyOrder(
            "DEBUG Program: ours",
            "INFO  access: GET - 200 0 0.000s - - kind=",
            "WARN  Library: theirs");
  }

  @Test
  void requestsAreWrittenFromInfoDown() throws Exception {
    assertThat(log(LogFormat.TEXT, Level.WARN))
        .hasSize(1)
        .allMatch(line -> line.contains(" WARN "));
  }

  @Test
  void whatIsQueuedIsWrittenBeforeTheProcessEnds() throws Exception {
    assertThat(log(LogFormat.JSON, Level.INFO))
        .hasSize(2)
        .allMatch(line -> line.startsWith("{\"time\":\"") && line.endsWith("}"));
  }

  /** As on a machine that is too busy; it used to be lost after two seconds. */
  @Test
  void howeverLongItTakesToMakeALineItIsWritten() throws Exception {
    assertThat(log(LogFormat.TEXT, Level.WARN, "slow"))
        .hasSize(2)
        .last()
        .asString()
        .endsWith("WARN  Library: theirs made=\"at last\"");
  }

  private static List<String> log(LogFormat format, Level level, String... more)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                format.name(),
                level.name()));
    command.addAll(List.of(more));
    Process program = new ProcessBuilder(command).start();
    String log = new String(program.getErrorStream().readAllBytes(), UTF_8);
    assertThat(program.waitFor()).isZero();
    return log.lines().toList();
  }

  /** Logs a few events and ends. */
  static final class Program {
    public static void main(String[] arguments) {
      try (Logging logging =
          Logging.start(LogFormat.valueOf(arguments[0]), Level.valueOf(arguments[1]))) {
        LoggerFactory.getLogger("io.weir.Program").debug("ours");
        if (logging.accessLog().isOn()) {
          logging
              .accessLog()
              .write(new AccessEntry("", "", "GET", "", "", "", "", 200, 0, 0, "", false, ""));
        }
        LoggerFactory.getLogger("org.example.Library").info("of no interest");
        LoggerFactory.getLogger("org.example.Library").warn("theirs");
        if (arguments.length > 2) {
          LoggerFactory.getLogger("org.example.Library")
              .atWarn()
              .addKeyValue("made", new Slow())
              .log("theirs");
        }
      }
    }
  }

  /** Takes more than two seconds. */
  private static final class Slow {

    @Override
    public String toString() {
      long end = System.nanoTime() + Duration.ofMillis(2_500).toNanos();
      while (System.nanoTime() - end < 0) {
        LockSupport.parkNanos(end - System.nanoTime());
      }
      return "at last";
    }
  }
}
