package io.weir.tls;

import java.net.IDN;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A name that a server's certificate can be for: a host name, {@code *.} and a host name, or an IP
 * address.
 *
 * @param text in lower case and ASCII; an IPv6 address without brackets
 * @param isAddress whether it is an IP address
 */
public record HostName(String text, boolean isAddress) {

  private static final int LENGTH_MAX = 253;

  /** Also with an underscore, as Docker's and Kubernetes' own names may have one. */
  private static final String LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?+";

  private static final Pattern NAME =
      Pattern.compile("(?:\\*\\.)?" + LABEL + "(?:\\." + LABEL + ")*+");

  /** What {@link InetAddress} would also take is no address that a client would look for. */
  private static final Pattern ADDRESS =
      Pattern.compile("[0-9]+(?:\\.[0-9]+){3}|[0-9a-fA-F:.]*:.*");

  private static final Pattern NUMBER_LAST = Pattern.compile("(?:.*\\.)?[0-9]+");

  /**
   * Reads a name as users write it.
   *
   * @throws IllegalArgumentException where it is none; the message says what is expected
   */
  public static HostName parse(String text) {
    boolean isBracketed = text.startsWith("[") && text.endsWith("]");
    String bare = isBracketed ? text.substring(1, text.length() - 1) : text;
    Optional<InetAddress> address = address(bare);
    if (address.isPresent()) {
      return new HostName(address.get().getHostAddress(), true);
    }
    String name = ascii(text).toLowerCase(Locale.ROOT);
    boolean isName =
        name.length() <= LENGTH_MAX
            && NAME.matcher(name).matches()
            && !NUMBER_LAST.matcher(name).matches();
    if (!isName) {
      throw new IllegalArgumentException(
          "expected a host name such as weir.example.net or *.example.net, or an IP address,"
              + " without scheme and port (got '"
              + text
              + "')");
    }
    return new HostName(name, false);
  }

  private static String ascii(String name) {
    try {
      return IDN.toASCII(name);
    } catch (IllegalArgumentException e) {
      return name; // which matches nothing
    }
  }

  /** The address that the text is; empty where it is a name. Looks nothing up. */
  static Optional<InetAddress> address(String text) {
    try {
      boolean isAddress = ADDRESS.matcher(text).matches() && text.indexOf('%') < 0;
      return isAddress ? Optional.of(InetAddress.ofLiteral(text)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
