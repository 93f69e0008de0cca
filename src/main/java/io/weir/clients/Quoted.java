package io.weir.clients;

import java.util.stream.Collectors;

/** Strings as TOML, YAML and JSON all write them: between double quotes. */
final class Quoted {

  private static final int DELETE = 0x7f;

  private Quoted() {}

  /**
   * The text as a string of any of the three. Only escapes that they have in common are used.
   *
   * @see <a href="https://toml.io/en/v1.0.0#string">TOML 1.0, basic strings</a>
   * @see <a href="https://yaml.org/spec/1.2.2/#731-double-quoted-style">YAML 1.2, 7.3.1</a>
   */
  static String of(String text) {
    return text.chars().mapToObj(Quoted::escaped).collect(Collectors.joining("", "\"", "\""));
  }

  private static String escaped(int character) {
    if (character == '"' || character == '\\') {
      return "\\" + (char) character;
    }
    if (character < ' ' || character == DELETE) {
      return "\\u%04x".formatted(character);
    }
    return Character.toString(character);
  }
}
