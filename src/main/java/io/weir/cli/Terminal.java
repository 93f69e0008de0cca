package io.weir.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * What a command talks to.
 *
 * @param in standard input
 * @param out standard output
 * @param err standard error
 * @param environment the environment variables
 * @param isInteractive whether somebody sits in front of it, who can be asked and sees lines change
 * @param clock what time it is
 */
record Terminal(
    BufferedReader in,
    PrintWriter out,
    PrintWriter err,
    Map<String, String> environment,
    boolean isInteractive,
    InstantSource clock) {

  /** That of this process. */
  static Terminal ofProcess() {
    return new Terminal(
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())),
        new PrintWriter(System.out, true, System.out.charset()),
        new PrintWriter(System.err, true, System.err.charset()),
        System.getenv(),
        Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false),
        InstantSource.system());
  }

  /**
   * {@code text} so that it is noticed: red, where there are colours.
   *
   * @see <a href="https://no-color.org">NO_COLOR</a>
   */
  String alarming(String text) {
    boolean hasColours = isInteractive && environment.getOrDefault("NO_COLOR", "").isEmpty();
    return hasColours ? "\u001b[31m" + text + "\u001b[0m" : text;
  }
}
