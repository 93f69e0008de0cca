package io.weir.logging;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** How log events look. */
public enum LogFormat {
  /** A line for eyes. */
  TEXT,
  /** A JSON object on a line, for machines. */
  JSON;

  private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

  /** Text where standard error is a terminal, JSON otherwise. */
  public static LogFormat forStandardError() {
    return isTerminal() ? TEXT : JSON;
  }

  /** The JDK can only say whether input and output are terminals; Linux knows of each stream. */
  private static boolean isTerminal() {
    try {
      String device = Files.readSymbolicLink(STANDARD_ERROR).toString();
      return device.startsWith("/dev/pts/")
          || device.startsWith("/dev/tty")
          || device.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException _) {
      return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }
  }
}
