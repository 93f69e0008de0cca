package io.weir.auth;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A user and a password, as they stand in an Authorization header.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7617#section-2">RFC 7617, section 2</a>
 */
final class BasicCredentials {

  private static final String SCHEME = "Basic ";

  /** More than any htpasswd file holds. */
  static final int USER_LENGTH_MAX = 255;

  private final String user;
  private final byte[] password;

  private BasicCredentials(String user, byte[] password) {
    this.user = user;
    this.password = password;
  }

  /**
   * Reads a header's value. Null where it is of another scheme, is broken, or has control
   * characters: those a user and a password cannot have, and bcrypt takes a NUL for the end.
   */
  static @Nullable BasicCredentials parse(String header) {
    if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return null;
    }
    byte[] pair;
    try {
      pair = Base64.getDecoder().decode(header.substring(SCHEME.length()).strip());
    } catch (IllegalArgumentException _) {
      return null;
    }
    int colon = 0;
    while (colon < pair.length && pair[colon] != ':') {
      colon++;
    }
    if (colon == pair.length || colon > USER_LENGTH_MAX || hasControls(pair)) {
      return null;
    }
    return new BasicCredentials(
        new String(pair, 0, colon, StandardCharsets.UTF_8),
        Arrays.copyOfRange(pair, colon + 1, pair.length));
  }

  private static boolean hasControls(byte[] pair) {
    for (byte b : pair) {
      if ((b >= 0 && b < ' ') || b == 0x7f) {
        return true;
      }
    }
    return false;
  }

  String user() {
    return user;
  }

  /** In the client's own encoding. Not a copy. */
  byte[] password() {
    return password;
  }

  @Override
  public String toString() {
    return "BasicCredentials[" + user + ']';
  }
}
