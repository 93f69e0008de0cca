package io.weir.upstream;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An absolute http or https URL, with its path and query exactly as they were written.
 *
 * <p>{@link java.net.URI} is of no use for what registries redirect to: it refuses characters that
 * object stores sign and expect back, and re-encodes others. Here only what cannot stand in a
 * request line (space, control and non-ASCII characters) is percent-encoded.
 *
 * @param isTls whether the scheme is https
 * @param host a name or an IP address in lower case, IPv6 without brackets
 * @param port the port, given or implied
 * @param pathAndQuery begins with a slash
 */
record Target(boolean isTls, String host, int port, String pathAndQuery) {

  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*");

  /**
   * Parses an absolute URL. A user name in it is left out.
   *
   * @throws IllegalArgumentException where it is not an absolute http or https URL with a host
   */
  static Target parse(String url) {
    String text = url.strip();
    if (hasPrefix(text, "https://")) {
      return parse(true, text.substring("https://".length()));
    }
    if (hasPrefix(text, "http://")) {
      return parse(false, text.substring("http://".length()));
    }
    throw new IllegalArgumentException("not an http or https URL");
  }

  private static boolean hasPrefix(String text, String prefix) {
    return text.regionMatches(true, 0, prefix, 0, prefix.length());
  }

  private static Target parse(boolean isTls, String text) {
    int end = 0;
    while (end < text.length() && "/?#".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    String authority = text.substring(text.lastIndexOf('@', end) + 1, end);
    int colon = authority.endsWith("]") ? -1 : authority.lastIndexOf(':');
    String host = colon < 0 ? authority : authority.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    if (host.isEmpty() || !host.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException("the URL has no host");
    }
    String portText = colon < 0 ? "" : authority.substring(colon + 1);
    int port = portText.isEmpty() ? defaultPort(isTls) : parsePort(portText);
    return new Target(isTls, host.toLowerCase(Locale.ROOT), port, requestPath(text.substring(end)));
  }

  private static int parsePort(String text) {
    int port =
        text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9')
            ? Integer.parseInt(text)
            : 0;
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("the URL has no valid port");
    }
    return port;
  }

  /**
   * What {@code reference} means where this URL is the base, as in a {@code Location} header.
   *
   * @throws IllegalArgumentException where that is not an http or https URL
   */
  Target resolve(String reference) {
    String text = reference.strip();
    if (text.startsWith("//")) {
      return parse(isTls, text.substring(2));
    }
    if (SCHEME.matcher(text).matches()) {
      return parse(text);
    }
    if (text.startsWith("/")) {
      return withPath(text);
    }
    String path = path();
    return text.startsWith("?")
        ? withPath(path + text)
        : withPath(path.substring(0, path.lastIndexOf('/') + 1) + text);
  }

  /** The same origin with another path and query. */
  Target withPath(String pathAndQuery) {
    return new Target(isTls, host, port, requestPath(pathAndQuery));
  }

  /** Whether scheme, host and port are the same. */
  boolean hasOriginOf(Target other) {
    return isTls == other.isTls && port == other.port && host.equals(other.host);
  }

  /** The path without the query. */
  String path() {
    int mark = pathAndQuery.indexOf('?');
    return mark < 0 ? pathAndQuery : pathAndQuery.substring(0, mark);
  }

  /** Host and port, the port only where it is not the scheme's own. */
  String authority() {
    String name = host.indexOf(':') < 0 ? host : '[' + host + ']';
    return port == defaultPort(isTls) ? name : name + ':' + port;
  }

  /** Host and port, for messages about connections. */
  String hostAndPort() {
    return (host.indexOf(':') < 0 ? host : '[' + host + ']') + ':' + port;
  }

  /** The URL without its query, which may hold a signature. */
  @Override
  public String toString() {
    return (isTls ? "https://" : "http://") + authority() + path();
  }

  private static int defaultPort(boolean isTls) {
    return isTls ? 443 : 80;
  }

  private static String requestPath(String text) {
    int fragment = text.indexOf('#');
    String path = fragment < 0 ? text : text.substring(0, fragment);
    if (!path.startsWith("/")) {
      path = '/' + path;
    }
    return path.chars().allMatch(c -> c > ' ' && c < 0x7f) ? path : encode(path);
  }

  /**
   * Header values arrive with one character for each byte, so a character below 256 is a byte as it
   * was on the wire.
   */
  private static String encode(String path) {
    StringBuilder encoded = new StringBuilder(path.length() + 16);
    path.codePoints()
        .forEach(c -> {
          if (c > ' ' && c < 0x7f) {
            encoded.append((char) c);
          } else {
            for (byte b : bytes(c)) {
              encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
          }
        });
    return encoded.toString();
  }

  private static byte[] bytes(int codePoint) {
    return codePoint < 256
        ? new byte[] {(byte) codePoint}
        : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
  }
}
