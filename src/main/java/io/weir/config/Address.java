package io.weir.config;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a listener binds.
 *
 * @param host a name or an IP address; IPv6 without brackets
 * @param port 0 to 65535; 0 lets the system choose
 */
public record Address(String host, int port) {

  private static final String EVERY_INTERFACE = "0.0.0.0";
  private static final Pattern GRAMMAR =
      Pattern.compile("(?:\\[(?<v6>[0-9a-fA-F:.]+)]|(?<name>[^:\\[\\]]*)):(?<port>[0-9]{1,5})");

  /**
   * Parses {@code HOST:PORT}, {@code [IPv6]:PORT}, or {@code :PORT} for every IPv4 interface. No
   * name is looked up.
   *
   * @throws IllegalArgumentException where the text is none of these
   */
  public static Address parse(String text) {
    Matcher matcher = GRAMMAR.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("expected HOST:PORT, [IPv6]:PORT or :PORT");
    }
    int port = HostNames.port(matcher.group("port"), 0);
    String v6 = matcher.group("v6");
    if (v6 != null) {
      return new Address(HostNames.ipv6(v6), port);
    }
    String name = matcher.group("name");
    return new Address(name.isEmpty() ? EVERY_INTERFACE : HostNames.name(name), port);
  }

  /**
   * Whether only programs on this machine can connect. A name other than localhost is not asked
   * for.
   */
  public boolean isLoopback() {
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || (isLiteral() && InetAddress.ofLiteral(host).isLoopbackAddress());
  }

  /** Whether binding this address takes every interface. */
  public boolean isWildcard() {
    return isLiteral() && InetAddress.ofLiteral(host).isAnyLocalAddress();
  }

  /** Whether a listener here leaves no room for one at {@code other}. Port 0 never collides. */
  boolean collidesWith(Address other) {
    return port != 0
        && port == other.port
        && (isWildcard() || other.isWildcard() || host.equalsIgnoreCase(other.host));
  }

  private boolean isLiteral() {
    return host.indexOf(':') >= 0 || HostNames.isIpv4(host);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + port;
  }
}
