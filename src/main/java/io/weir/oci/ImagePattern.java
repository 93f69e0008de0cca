package io.weir.oci;

import java.util.Collection;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A pattern of images: {@code UPSTREAM/REPOSITORY}, {@code UPSTREAM/REPOSITORY:TAG} or {@code
 * UPSTREAM/REPOSITORY@DIGEST}, such as {@code docker.io/library/alpine:3.*}, {@code
 * registry.k8s.io/**} or {@code **:latest}.
 *
 * <p>In upstream and repository {@code *} stands for any characters within one component, {@code
 * **} also across {@code /}, so {@code **} alone is every image there is; see {@link Glob}. In a
 * tag {@code *} stands for any characters. A digest stands for itself. A pattern with neither means
 * every tag and every untagged manifest of the repository.
 *
 * <p>Docker's short forms are not expanded: the upstream is named, by its configured name, with its
 * port if that has one ({@code localhost:5000/foo}).
 *
 * @param name upstream and repository, joined by {@code /}; at most 512 characters
 * @param tag what tags it is about; null for no tag in the pattern
 * @param digest which manifest it is about; null for no digest in the pattern
 */
public record ImagePattern(Glob name, @Nullable Glob tag, @Nullable Digest digest) {

  private static final int LENGTH_MAX = 512;
  private static final String NO_TRIPLE_STAR = "(?!.*\\*{3})";
  private static final String COMPONENT = "[a-z0-9._*-]+";
  private static final Pattern NAME =
      Pattern.compile(
          NO_TRIPLE_STAR + COMPONENT + "(?::[0-9*]{1,5}(?=/))?(?:/" + COMPONENT + ")*+");
  private static final Pattern TAG =
      Pattern.compile(NO_TRIPLE_STAR + "[a-zA-Z0-9_*][a-zA-Z0-9._*-]{0,127}");

  public ImagePattern {
    String text = name.pattern();
    if (text.indexOf('/') < 0 && !text.startsWith("**")) {
      throw new OciException(
          ErrorCode.NAME_INVALID,
          "the pattern has to begin with an upstream, for example docker.io/library/alpine:3.*");
    }
    if (text.length() > LENGTH_MAX || !NAME.matcher(text).matches()) {
      throw new OciException(
          ErrorCode.NAME_INVALID,
          "the pattern is not UPSTREAM/REPOSITORY, in lower case, with :TAG or @DIGEST if any");
    }
    if (tag != null && !TAG.matcher(tag.pattern()).matches()) {
      throw new OciException(
          ErrorCode.NAME_INVALID,
          "no tag can match the pattern's: at most 128 of A-Z a-z 0-9 _ . - and *, not . or - first");
    }
    if (tag != null && digest != null) {
      throw new OciException(
          ErrorCode.NAME_INVALID, "the pattern has both a tag and a digest; only one can be");
    }
  }

  /**
   * Parses a pattern. The colon of a tag is the last one, if no {@code /} comes after it; another
   * one is that of the upstream's port.
   *
   * @throws OciException {@code NAME_INVALID} where the text is no pattern, {@code DIGEST_INVALID}
   *     where no digest stands behind {@code @}
   */
  public static ImagePattern parse(String text) {
    int at = text.indexOf('@');
    Digest digest = at < 0 ? null : Digest.parse(text.substring(at + 1));
    String nameAndTag = at < 0 ? text : text.substring(0, at);
    int colon = nameAndTag.lastIndexOf(':');
    if (colon <= nameAndTag.lastIndexOf('/')) {
      return new ImagePattern(new Glob(nameAndTag), null, digest);
    }
    Glob name = new Glob(nameAndTag.substring(0, colon));
    return new ImagePattern(name, new Glob(nameAndTag.substring(colon + 1)), digest);
  }

  /** Whether the repository is one that the pattern is about, whatever its tags and digests. */
  public boolean matchesRepository(Origin origin) {
    return name.matches(origin.toString());
  }

  /**
   * Whether the pattern is about a manifest.
   *
   * @param origin where it comes from
   * @param manifest its digest
   * @param tags those that mean it there; may be none
   */
  public boolean matches(Origin origin, Digest manifest, Collection<Tag> tags) {
    return matchesRepository(origin)
        && (digest == null || digest.equals(manifest))
        && (tag == null || matchesAny(tag, tags));
  }

  private static boolean matchesAny(Glob glob, Collection<Tag> tags) {
    return tags.stream().anyMatch(tag -> glob.matches(tag.name()));
  }

  /** The pattern as it was written. */
  @Override
  public String toString() {
    if (tag != null) {
      return name + ":" + tag;
    }
    return digest == null ? name.toString() : name + "@" + digest;
  }
}
