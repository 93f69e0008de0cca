package io.weir.testing.real;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of an access log in the "combined" format of Apache, which docker-registry and nginx
 * write.
 *
 * @param path the path without the query, as it was sent
 * @param query what stood behind the question mark; empty if there was none
 * @param sentBytes the length of the body that was sent
 */
public record LoggedRequest(
    String method, String path, String query, int status, long sentBytes, String userAgent) {

  private static final Pattern COMBINED =
      Pattern.compile(
          "\\S+ \\S+ \\S+ \\[[^]]*] \"(\\S+) (\\S+) HTTP/[^\"]*\" (\\d+) (\\d+|-)"
              + " \"[^\"]*\" \"([^\"]*)\"");

  /** The request of a line; empty where the line is something else. */
  static Optional<LoggedRequest> parse(String line) {
    Matcher matcher = COMBINED.matcher(line);
    if (!matcher.lookingAt()) {
      return Optional.empty();
    }
    String target = matcher.group(2);
    int question = target.indexOf('?');
    String sent = matcher.group(4);
    return Optional.of(
        new LoggedRequest(
            matcher.group(1),
            question < 0 ? target : target.substring(0, question),
            question < 0 ? "" : target.substring(question + 1),
            Integer.parseInt(matcher.group(3)),
            sent.equals("-") ? 0 : Long.parseLong(sent),
            matcher.group(5)));
  }

  @Override
  public String toString() {
    return "%s %s%s -> %d".formatted(method, path, query.isEmpty() ? "" : "?" + query, status);
  }
}
