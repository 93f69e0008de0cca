package io.weir.config;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * The registries that need nothing after their name, and those among them that are here unasked.
 */
final class WellKnownUpstreams {

  /** The upstream of a request that names none, unless the configuration says otherwise. */
  static final String DOCKER_IO = "docker.io";

  /** What is served where a configuration lists no upstreams. */
  static final List<String> STANDARD =
      List.of(
          DOCKER_IO,
          "quay.io",
          "ghcr.io",
          "gcr.io",
          "registry.k8s.io",
          "mcr.microsoft.com",
          "public.ecr.aws",
          "registry.gitlab.com",
          "nvcr.io",
          "registry.access.redhat.com");

  private WellKnownUpstreams() {}

  /** Where the upstream of this name is: for a name that is a host, there; otherwise nowhere. */
  static Optional<URI> url(String name) {
    if (name.equals(DOCKER_IO)) {
      return Optional.of(URI.create("https://registry-1.docker.io"));
    }
    if (!isHost(name)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Urls.registry("https://" + name));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whether an upstream's name is the host, or host and port, of image references. */
  static boolean isHost(String name) {
    return name.indexOf('.') >= 0 || name.indexOf(':') >= 0;
  }

  /** The host that image references name for what answers at {@code authority}. */
  static String inReferences(String authority) {
    return aliases(DOCKER_IO).contains(authority) ? DOCKER_IO : authority;
  }

  /** Other names of the upstream, which clients are known to use. */
  static List<String> aliases(String name) {
    return name.equals(DOCKER_IO) ? List.of("index.docker.io", "registry-1.docker.io") : List.of();
  }

  /** Hosts other than the upstream's own where it is known to keep its token service. */
  static List<String> tokenRealms(String name) {
    return switch (name) {
      case DOCKER_IO -> List.of("auth.docker.io");
      case "registry.gitlab.com" -> List.of("gitlab.com");
      default -> List.of();
    };
  }
}
