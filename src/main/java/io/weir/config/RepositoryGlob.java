package io.weir.config;

import io.weir.oci.Repository;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A pattern of repository names.
 *
 * <p>{@code *} stands for any characters, also none, within one path component; {@code **} also for
 * {@code /}. Everything else stands for itself. So {@code library/*} matches {@code library/nginx}
 * but not {@code library/a/b}; {@code team-a/**} matches everything below {@code team-a/}; {@code
 * **} matches everything.
 *
 * <p>Matching takes time in proportion to the length of the name times that of the pattern,
 * whatever they hold: the name is read once, with the set of all places in the pattern where it may
 * stand.
 *
 * @param pattern as it was written
 */
public record RepositoryGlob(String pattern) {

  private static final int LENGTH_MAX = 255;
  private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9._/*-]+");

  public RepositoryGlob {
    if (!isWellFormed(pattern)) {
      throw new Expected(
          "a repository or a pattern such as library/* or team-a/**:"
              + " at most 255 of a-z 0-9 . _ - / and *");
    }
  }

  /**
   * Parses a pattern.
   *
   * @throws IllegalArgumentException where it holds what no repository name can
   */
  public static RepositoryGlob parse(String text) {
    return new RepositoryGlob(text);
  }

  /** Whether the pattern matches the whole name. */
  public boolean matches(Repository repository) {
    return matches(repository.name());
  }

  private boolean matches(String name) {
    // places[i]: what was read of the name so far can be matched by the first i characters.
    boolean[] places = new boolean[pattern.length() + 1];
    places[0] = true;
    passStars(places);
    for (int i = 0; i < name.length(); i++) {
      places = step(places, name.charAt(i));
      passStars(places);
    }
    return places[pattern.length()];
  }

  private boolean[] step(boolean[] places, char read) {
    boolean[] next = new boolean[places.length];
    for (int i = 0; i < pattern.length(); i++) {
      if (places[i]) {
        if (isStar(i)) {
          next[i] |= read != '/' || isDoubleStar(i);
        } else {
          next[i + 1] |= pattern.charAt(i) == read;
        }
      }
    }
    return next;
  }

  /** A star may also stand for nothing. */
  private void passStars(boolean[] places) {
    for (int i = 0; i < pattern.length(); i++) {
      if (places[i] && isStar(i)) {
        places[i + 1] = true;
      }
    }
  }

  private boolean isStar(int i) {
    return i < pattern.length() && pattern.charAt(i) == '*';
  }

  private boolean isDoubleStar(int i) {
    return isStar(i) && (isStar(i + 1) || (i > 0 && isStar(i - 1)));
  }

  private static boolean isWellFormed(String pattern) {
    return pattern.length() <= LENGTH_MAX
        && GRAMMAR.matcher(pattern).matches()
        && !pattern.contains("***")
        && Arrays.stream(pattern.split("/", -1)).noneMatch(String::isEmpty);
  }

  @Override
  public String toString() {
    return pattern;
  }
}
