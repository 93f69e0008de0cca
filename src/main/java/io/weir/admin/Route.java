package io.weir.admin;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One thing that the API does.
 *
 * @param method {@code GET}, which HEAD is too, {@code POST} or {@code DELETE}
 * @param template the path, such as {@code /api/v1/jobs/{id}}; a last part {@code {name...}} stands
 *     for one or more segments
 * @param query the query parameters that there may be
 * @param handler what answers; runs on a virtual thread and may block
 */
record Route(String method, String template, Set<String> query, Handler handler) {

  private static final String REST = "...}";

  /** What answers a request. */
  @FunctionalInterface
  interface Handler {

    /**
     * Answers.
     *
     * @throws Refusal where the request cannot be answered as it wants
     * @throws IOException where the disk or the index fails
     */
    Reply answer(Request request) throws IOException, InterruptedException;
  }

  static Route get(String template, Handler handler, String... query) {
    return new Route("GET", template, Set.of(query), handler);
  }

  static Route post(String template, Handler handler) {
    return new Route("POST", template, Set.of(), handler);
  }

  static Route delete(String template, Handler handler, String... query) {
    return new Route("DELETE", template, Set.of(query), handler);
  }

  boolean takes(String requestMethod) {
    return method.equals(requestMethod) || (method.equals("GET") && requestMethod.equals("HEAD"));
  }

  /**
   * What the variable parts of the template stand for, decoded; empty where the path is another
   * one.
   *
   * @param path as it stands in the request line
   */
  Optional<Map<String, String>> match(String path) {
    boolean takesRest = template.endsWith(REST);
    String[] parts = template.split("/", -1);
    String[] segments = path.split("/", takesRest ? parts.length : -1);
    if (segments.length != parts.length) {
      return Optional.empty();
    }
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < parts.length; i++) {
      if (!parts[i].startsWith("{")) {
        if (!parts[i].equals(segments[i])) {
          return Optional.empty();
        }
      } else if (segments[i].isEmpty()) {
        return Optional.empty();
      } else {
        String name = parts[i].replaceAll("[{}.]", "");
        variables.put(name, PercentEncoding.decode(segments[i]));
      }
    }
    return Optional.of(variables);
  }
}
