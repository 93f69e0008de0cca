package io.weir.clients;

import java.util.stream.Collectors;

/** Text within text. */
final class Indented {

  private Indented() {}

  /** Puts so many spaces in front of each line that is not empty. */
  static String by(int spaces, String text) {
    return text.lines()
        .map(line -> line.isEmpty() ? "\n" : " ".repeat(spaces) + line + "\n")
        .collect(Collectors.joining());
  }
}
