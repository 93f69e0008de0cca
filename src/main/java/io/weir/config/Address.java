package io.weir.config;

/**
 * Where a listener binds.
 *
 * @param host a name or an IP address; IPv6 without brackets
 * @param port 0 to 65535; 0 lets the system choose
 */
public record Address(String host, int port) {

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + port;
  }
}
