package io.weir.upstream;

import io.weir.oci.Repository;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One URL of an upstream, and the places below it.
 *
 * @param base the origin, with the path {@code /}
 * @param prefix what stands before the name of every repository there, without slashes around it;
 *     often empty
 */
record Endpoint(Target base, String prefix) {

  private static final Set<String> DOCKER_HUB =
      Set.of("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com");

  /**
   * The endpoint at {@code url}. A path is the prefix of every repository: {@code
   * https://quay.io/openshift-release-dev}. A {@code /v2} that somebody copied before it is taken
   * for what it is.
   */
  static Endpoint of(URI url) {
    Target target = Target.parse(url.toString());
    String path = target.path().replaceAll("/+$", "");
    if (path.equals("/v2") || path.startsWith("/v2/")) {
      path = path.substring("/v2".length());
    }
    return new Endpoint(target.withPath("/"), path.replaceAll("^/+", ""));
  }

  /** The version check, where it is asked who one is. */
  Target ping() {
    return base.withPath("/v2/");
  }

  /** The full name of a repository here, as tokens have to name it. */
  String nameOf(Repository repository) {
    return prefix.isEmpty() ? repository.name() : prefix + '/' + repository.name();
  }

  /** A place in a repository, such as {@code tags/list}. */
  Target at(Repository repository, String place) {
    return base.withPath("/v2/" + nameOf(repository) + '/' + place);
  }

  /** The host, with the names that Docker Hub has given itself made one. */
  String registry() {
    return registryOf(base.authority());
  }

  /** {@code docker.io} for every name of Docker Hub, else {@code authority} itself. */
  static String registryOf(String authority) {
    return DOCKER_HUB.contains(authority) ? "docker.io" : authority;
  }

  /**
   * Whether the token service at {@code realm} may see the credentials for this endpoint: it is at
   * the same host, or one of the two that are known to be elsewhere. What a registry's answer says
   * is not enough: whoever can answer in its place would be sent the password.
   */
  boolean trusts(Target realm, Iterable<String> tokenRealms) {
    if (base.isTls() && !realm.isTls()) {
      return false;
    }
    @Nullable String known =
        switch (registry()) {
          case "docker.io" -> "auth.docker.io";
          case "registry.gitlab.com" -> "gitlab.com";
          default -> null;
        };
    if (realm.host().equals(base.host()) || realm.host().equals(known)) {
      return true;
    }
    for (String trusted : tokenRealms) {
      if (trusted.equalsIgnoreCase(realm.host()) || trusted.equalsIgnoreCase(realm.authority())) {
        return true;
      }
    }
    return false;
  }
}
