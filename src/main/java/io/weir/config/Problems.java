package io.weir.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What is wrong with a configuration, collected so that all of it can be told at once. */
final class Problems {

  /**
   * Where something stands.
   *
   * @param source the file or the option
   * @param line counted from 1; 0 where the source has no lines
   */
  record Place(String source, int line) {
    @Override
    public String toString() {
      return line == 0 ? source : source + ':' + line;
    }
  }

  private record Problem(Place place, String path, String message) {
    @Override
    public String toString() {
      return path.isEmpty() ? place + ": " + message : place + ": " + path + ": " + message;
    }
  }

  private final List<Problem> all = new ArrayList<>();

  /**
   * Adds a problem.
   *
   * @param path the key path, such as {@code registry.listen}; empty for the document itself
   */
  void add(Place place, String path, String message) {
    all.add(new Problem(place, path, message));
  }

  /**
   * Ends the reading where there is any problem.
   *
   * @throws ConfigException with all of them, those of the file first, by line
   */
  void throwIfAny() {
    if (!all.isEmpty()) {
      throw new ConfigException(
          all.stream()
              .sorted(Comparator.comparingInt(problem -> lineOrLast(problem.place())))
              .map(Problem::toString)
              .distinct()
              .toList());
    }
  }

  private static int lineOrLast(Place place) {
    return place.line() == 0 ? Integer.MAX_VALUE : place.line();
  }
}
