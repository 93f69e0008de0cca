package io.weir.testing.real;

import java.net.URI;
import java.nio.file.Path;

/**
 * A {@code hosts.toml} of containerd: where pulls of one registry go. Immutable.
 *
 * <p>The registry itself, which containerd would always ask last, is replaced by an address where
 * nothing listens, so that a request which the mirror cannot answer fails at once. Naming the
 * mirror there a second time would do as well, but then every failing request is made twice.
 *
 * @param text the content of the file
 * @see <a href="https://github.com/containerd/containerd/blob/v1.6.20/docs/hosts.md">containerd
 *     1.6.20, registry host configuration</a>
 */
public record HostsToml(String text) {

  /**
   * Asks the mirror for {@code /v2/REPOSITORY/…?ns=REGISTRY}. Also right for a mirror which has a
   * port for each registry: the port says the same as the query.
   *
   * @param mirror such as {@code http://127.0.0.1:5000}, without a path
   */
  public static HostsToml byNamespace(URI mirror) {
    return new HostsToml(table(mirror.toString()));
  }

  /** Asks the mirror for {@code /v2/NAME/REPOSITORY/…?ns=REGISTRY}. */
  public static HostsToml byPath(URI mirror, String name) {
    return new HostsToml(table(mirror + "/v2/" + name) + "  override_path = true\n");
  }

  /** Asks the mirror for {@code /NAME/v2/REPOSITORY/…?ns=REGISTRY}. */
  public static HostsToml byPathBeforeV2(URI mirror, String name) {
    return new HostsToml(table(mirror + "/" + name));
  }

  /** Trusts the certificate, besides those that the machine trusts. */
  public HostsToml withCa(Path certificate) {
    return new HostsToml(text + "  ca = \"%s\"%n".formatted(certificate));
  }

  private static String table(String host) {
    return """
    server = "%s"

    [host."%s"]
      capabilities = ["pull", "resolve"]
    """
        .formatted(Command.NOWHERE, host);
  }
}
