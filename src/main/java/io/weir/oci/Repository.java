package io.weir.oci;

import java.util.regex.Pattern;

/**
 * A repository name below one registry, such as {@code library/nginx}: the {@code <name>} of the
 * specification, without the registry's host.
 *
 * @param name path components of lower-case letters and digits, joined by {@code /}; at most 255
 *     characters
 * @see <a
 *     href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests">distribution-spec
 *     1.1.1, pulling manifests</a>
 */
public record Repository(String name) {

  private static final int LENGTH_MAX = 255;
  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*+";
  private static final Pattern GRAMMAR = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*+");

  public Repository {
    if (name.length() > LENGTH_MAX) {
      throw new OciException(
          ErrorCode.NAME_INVALID, "the repository name has more than 255 characters");
    }
    if (!GRAMMAR.matcher(name).matches()) {
      throw new OciException(
          ErrorCode.NAME_INVALID,
          "not a repository name: lower-case components of a-z 0-9 . _ - joined by /");
    }
  }

  /**
   * Parses a repository name.
   *
   * @throws OciException {@code NAME_INVALID} where the text is none
   */
  public static Repository parse(String text) {
    return new Repository(text);
  }

  @Override
  public String toString() {
    return name;
  }
}
