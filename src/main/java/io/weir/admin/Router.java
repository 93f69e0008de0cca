package io.weir.admin;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds what answers a request.
 *
 * @param routes all there are
 */
record Router(List<Route> routes) {

  Router {
    routes = List.copyOf(routes);
  }

  /**
   * What answers, and what the variable parts of its path stand for.
   *
   * @param route the one that answers
   * @param variables by name, decoded
   */
  record Match(Route route, Map<String, String> variables) {}

  /**
   * Finds it.
   *
   * @param path as it stands in the request line
   * @throws Refusal 404 where there is no such path, 405 where it does not take the method
   */
  Match find(String method, String path) {
    List<Match> matches = routes.stream().flatMap(route -> match(route, path)).toList();
    if (matches.isEmpty()) {
      throw new Refusal(404, "there is nothing here; /api/v1/openapi.json says what there is");
    }
    return matches.stream()
        .filter(match -> match.route().takes(method))
        .findFirst()
        .orElseThrow(() -> refusedMethod(matches));
  }

  private static Stream<Match> match(Route route, String path) {
    Optional<Map<String, String>> variables = route.match(path);
    return variables.map(found -> new Match(route, found)).stream();
  }

  private static Refusal refusedMethod(List<Match> matches) {
    String allowed =
        matches.stream()
            .map(match -> match.route().method())
            .map(method -> method.equals("GET") ? "GET, HEAD" : method)
            .distinct()
            .collect(Collectors.joining(", "));
    return new Refusal(405, "this takes " + allowed, Map.of("Allow", allowed));
  }
}
