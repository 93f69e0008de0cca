package io.weir.admin;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Percent-encoded text of paths and queries.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3986.html#section-2.1">RFC 3986, section 2.1</a>
 */
final class PercentEncoding {

  private PercentEncoding() {}

  /**
   * The text that was meant. A plus is a plus.
   *
   * @param text as it stands in the request line: ASCII
   * @throws Refusal 400 where an escape is broken, or the escapes are not UTF-8
   */
  static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteBuffer bytes = ByteBuffer.allocate(text.length());
    try {
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '%') {
          bytes.put((byte) HexFormat.fromHexDigits(text, i + 1, i + 3));
          i += 2;
        } else {
          bytes.put((byte) c);
        }
      }
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (IllegalArgumentException | IndexOutOfBoundsException | CharacterCodingException _) {
      throw new Refusal(
          400,
          "the URL has an escape that is not a percent sign and two hexadecimal digits, or no UTF-8");
    }
  }
}
