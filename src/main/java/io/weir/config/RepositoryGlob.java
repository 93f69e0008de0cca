package io.weir.config;

import io.weir.oci.Glob;
import io.weir.oci.Repository;
import java.util.regex.Pattern;

/**
 * A pattern of repository names, such as {@code library/*} or {@code team-a/**}.
 *
 * @param glob what it matches; at most 255 characters, and only such as a repository name can hold
 */
public record RepositoryGlob(Glob glob) {

  private static final int LENGTH_MAX = 255;
  private static final String COMPONENT = "[a-z0-9._*-]+";
  private static final Pattern GRAMMAR =
      Pattern.compile("(?!.*\\*{3})" + COMPONENT + "(?:/" + COMPONENT + ")*+");

  public RepositoryGlob {
    String pattern = glob.pattern();
    if (pattern.length() > LENGTH_MAX || !GRAMMAR.matcher(pattern).matches()) {
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
    return new RepositoryGlob(new Glob(text));
  }

  /** Whether the pattern matches the whole name. */
  public boolean matches(Repository repository) {
    return glob.matches(repository.name());
  }

  /** The pattern as it was written. */
  @Override
  public String toString() {
    return glob.pattern();
  }
}
