package io.weir.admin;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parameters behind a question mark.
 *
 * @param parameters by name, decoded
 */
record Query(Map<String, String> parameters) {

  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,4}s");

  Query {
    parameters = Map.copyOf(parameters);
  }

  /**
   * Takes a query apart.
   *
   * @param raw as it stands in the request line; null for none
   * @param known which parameters there may be
   * @throws Refusal 400 for another parameter, or one that is there twice
   */
  static Query parse(@Nullable String raw, Set<String> known) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : raw == null || raw.isEmpty() ? new String[0] : raw.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = PercentEncoding.decode(equals < 0 ? pair : pair.substring(0, equals));
      if (!known.contains(name)) {
        throw new Refusal(400, "there is no query parameter '%s' here".formatted(name));
      }
      String value = equals < 0 ? "" : PercentEncoding.decode(pair.substring(equals + 1));
      if (parameters.put(name, value) != null) {
        throw new Refusal(400, "the query parameter '%s' is there twice".formatted(name));
      }
    }
    return new Query(parameters);
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  /** {@code true}, or {@code false} and nothing. */
  boolean flag(String name) {
    return switch (parameters.getOrDefault(name, "false")) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new Refusal(400, "%s has to be true or false".formatted(name));
    };
  }

  /**
   * A whole number from 1 on.
   *
   * @param standard where the query does not say
   */
  int number(String name, int standard, int max) {
    String text = parameters.get(name);
    if (text == null) {
      return standard;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= max) {
        return number;
      }
    } catch (NumberFormatException _) {
      // refused below
    }
    throw new Refusal(400, "%s has to be a number from 1 to %d".formatted(name, max));
  }

  /** Whole seconds, such as {@code 10s}; no time where the query does not say. */
  Duration seconds(String name, int max) {
    String text = parameters.getOrDefault(name, "0s");
    if (SECONDS.matcher(text).matches()) {
      int seconds = Integer.parseInt(text.substring(0, text.length() - 1));
      if (seconds <= max) {
        return Duration.ofSeconds(seconds);
      }
    }
    throw new Refusal(400, "%s has to be a time from 0s to %ds".formatted(name, max));
  }
}
