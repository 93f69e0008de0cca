package io.weir.cli;

import java.io.PrintWriter;
import java.util.Map;

/**
 * What a command talks to.
 *
 * @param out standard output
 * @param err standard error
 * @param environment the environment variables
 */
record Terminal(PrintWriter out, PrintWriter err, Map<String, String> environment) {

  /** That of this process. */
  static Terminal ofProcess() {
    return new Terminal(
        new PrintWriter(System.out, true, System.out.charset()),
        new PrintWriter(System.err, true, System.err.charset()),
        System.getenv());
  }
}
