package io.weir.testing.real;

/**
 * A {@code registries.conf} (containers-registries.conf(5), version 2) for skopeo, podman, buildah
 * and CRI-O. Immutable.
 *
 * <pre>{@code
 * RegistriesConf.empty()
 *     .mirror("docker.io", "127.0.0.1:5000/docker.io") // by path
 *     .mirror("quay.io", "127.0.0.1:5001")             // by a port of its own
 *     .insecure("127.0.0.1:5000")                      // named in the reference itself
 * }</pre>
 *
 * @param text the content of the file
 */
public record RegistriesConf(String text) {

  /** A policy.json (containers-policy.json(5)) that checks no signatures. */
  static final String ACCEPT_ALL =
      """
      {"default": [{"type": "insecureAcceptAnything"}]}
      """;

  /** No registry is special. */
  public static RegistriesConf empty() {
    return new RegistriesConf("");
  }

  /** The registry is the mirror of docker.io, and can also be named itself. */
  static RegistriesConf ofMirror(DockerRegistry registry) {
    return empty().mirror("docker.io", registry.authority()).insecure(registry.authority());
  }

  /**
   * Pulls of {@code registry} go to the mirror, by HTTP, and nowhere else: {@code blocked} closes
   * the way to the registry itself, to which the programs fall back otherwise.
   *
   * @param location host, port and path of the mirror, without a scheme
   */
  public RegistriesConf mirror(String registry, String location) {
    return new RegistriesConf(
        text
            + """
            [[registry]]
            prefix = "%1$s"
            location = "%1$s"
            blocked = true
              [[registry.mirror]]
              location = "%2$s"
              insecure = true

            """
                .formatted(registry, location));
  }

  /** The registry speaks HTTP, or HTTPS with a certificate that cannot be checked. */
  public RegistriesConf insecure(String location) {
    return new RegistriesConf(
        text
            + """
            [[registry]]
            location = "%s"
            insecure = true

            """
                .formatted(location));
  }
}
