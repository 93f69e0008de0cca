package io.weir.config;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/** The grammar of hosts and ports. Nothing here looks a name up. */
final class HostNames {

  private static final int PORT_MAX = 65535;
  private static final int NAME_LENGTH_MAX = 253;
  private static final String LABEL = "[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?+";
  private static final Pattern NAME = Pattern.compile(LABEL + "(?:\\." + LABEL + ")*+\\.?");
  private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");
  private static final Pattern DIGITS_LAST = Pattern.compile("(?:.*\\.)?[0-9]+");

  private HostNames() {}

  static boolean isIpv4(String text) {
    return IPV4.matcher(text).matches();
  }

  /**
   * A host name or an IPv4 address, in lower case.
   *
   * @throws IllegalArgumentException where the text is neither
   */
  static String name(String text) {
    String name = text.toLowerCase(Locale.ROOT);
    boolean wellFormed = name.length() <= NAME_LENGTH_MAX && NAME.matcher(name).matches();
    // RFC 1123: a name whose last label is a number is an address, so 300.1.1.1 is neither.
    if (!wellFormed || (DIGITS_LAST.matcher(name).matches() && !isIpv4(name))) {
      throw new Expected("a host name or an IPv4 address");
    }
    return name;
  }

  /**
   * A host name or an IPv4 address with a port after it, or without one.
   *
   * @throws IllegalArgumentException where the text is neither
   */
  static String nameWithPort(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      return name(text);
    }
    return name(text.substring(0, colon)) + ':' + port(text.substring(colon + 1), 1);
  }

  /**
   * An IPv6 address without brackets.
   *
   * @throws IllegalArgumentException where the text is none
   */
  static String ipv6(String text) {
    if (text.indexOf(':') < 0) {
      throw new Expected("an IPv6 address between [ and ]");
    }
    try {
      InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new Expected("an IPv6 address between [ and ]", e);
    }
    return text;
  }

  /**
   * A port.
   *
   * @throws IllegalArgumentException where the text is no number from {@code min} to 65535
   */
  static int port(String text, int min) {
    int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
    if (port < min || port > PORT_MAX) {
      throw new Expected("a port from " + min + " to " + PORT_MAX);
    }
    return port;
  }
}
