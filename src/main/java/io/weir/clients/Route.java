package io.weir.clients;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Where pulls of one source go.
 *
 * @param upstream the name of the upstream at the server
 * @param reference how image references name the source: {@code HOST}, {@code HOST:PORT}, or either
 *     with {@code /PATH}
 * @param registry the source itself, for who goes around the server; without a path
 * @param authority host and port of the server for this source
 * @param segment the path segment that names the upstream there; empty where nothing else is there
 * @param root host and port where a request that names no upstream means this one; empty where
 *     there is none
 * @param aliases other path segments that name the upstream at the server
 */
record Route(
    String upstream,
    String reference,
    URI registry,
    String authority,
    String segment,
    Optional<String> root,
    List<String> aliases) {

  Route {
    aliases = List.copyOf(aliases);
  }

  /** Whether the source is a whole registry, and not only the repositories below a path. */
  boolean isWholeRegistry() {
    return reference.indexOf('/') < 0;
  }

  /** Whether who goes around the server has to use HTTP. */
  boolean isPlainHttp() {
    return registry.getScheme().equals("http");
  }

  boolean isDockerHub() {
    return reference.equals("docker.io");
  }

  /** Host, port and path without a scheme, as in {@code cache:5000/docker.io}. */
  String location() {
    return segment.isEmpty() ? authority : authority + '/' + segment;
  }

  /** The path of {@link #location} behind {@code /v2}, as in {@code /v2/docker.io}, or nothing. */
  String pathBehindV2() {
    return segment.isEmpty() ? "" : "/v2/" + segment;
  }

  /** An image to try it with. */
  String image() {
    return isDockerHub() ? "docker.io/library/alpine:3" : reference + "/REPOSITORY:TAG";
  }

  /** How to see that it works, as lines of a comment, with the command of a runtime that pulls. */
  String test(String pull) {
    return """
    # Test:    %s%s
    #          Weir's access log then has a line for each request of this pull.
    """
        .formatted(pull, image());
  }
}
