package io.weir.logging;

/** Writes what others chose so that it stays within its line and its place. */
final class Escaping {

  private Escaping() {}

  /**
   * A text as it is, but for characters that move the cursor, end the line or turn its direction.
   */
  static void line(StringBuilder to, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isPrinted(c)) {
        to.append(c);
      } else {
        escape(to, c);
      }
    }
  }

  /** A value: bare where it is one word, otherwise in quotes. */
  static void value(StringBuilder to, String text) {
    if (isWord(text)) {
      to.append(text);
      return;
    }
    to.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        to.append('\\').append(c);
      } else if (isPrinted(c)) {
        to.append(c);
      } else {
        escape(to, c);
      }
    }
    to.append('"');
  }

  private static boolean isWord(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=') {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean isPrinted(char c) {
    if (c >= ' ' && c < 0x7f) {
      return true;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private static void escape(StringBuilder to, char c) {
    switch (c) {
      case '\n' -> to.append("\\n");
      case '\r' -> to.append("\\r");
      case '\t' -> to.append("\\t");
      default -> to.append(String.format("\\u%04x", (int) c));
    }
  }
}
