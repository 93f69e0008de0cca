package io.weir.oci;

import java.util.regex.Pattern;

/**
 * A tag, such as {@code latest} or {@code v1.36.2}: {@code [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}}.
 *
 * @param name the tag as it stands on the wire
 */
public record Tag(String name) implements Reference {

  private static final Pattern GRAMMAR = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  public Tag {
    if (!GRAMMAR.matcher(name).matches()) {
      throw new OciException(
          ErrorCode.MANIFEST_UNKNOWN, "not a tag: at most 128 of A-Z a-z 0-9 _ . -");
    }
  }

  /**
   * Parses a tag.
   *
   * @throws OciException {@code MANIFEST_UNKNOWN} where the text is no tag
   */
  public static Tag parse(String text) {
    return new Tag(text);
  }

  @Override
  public String toString() {
    return name;
  }
}
