package io.weir.oci;

/**
 * One image as a person names it to this server: {@code docker.io/library/nginx:1.27}, or {@code
 * docker.io/library/nginx@sha256:…}. Docker's short forms are not expanded: the upstream comes
 * first, with its port if it has one.
 *
 * @param upstream the first component
 * @param repository what follows it; what it means there is the upstream's business, so it may
 *     still be no repository
 * @param reference the tag or the digest
 */
public record ImageReference(String upstream, String repository, Reference reference) {

  /** What every client takes where nothing is said. */
  private static final String STANDARD_TAG = "latest";

  /**
   * Parses a name. Where it has a tag and a digest, the digest counts; where it has neither, the
   * tag {@code latest} is meant.
   *
   * @throws OciException {@code NAME_INVALID} where no upstream comes first, {@code
   *     MANIFEST_UNKNOWN} and {@code DIGEST_INVALID} where tag or digest are none
   */
  public static ImageReference parse(String text) {
    int at = text.indexOf('@');
    String name = at < 0 ? text : text.substring(0, at);
    int colon = name.lastIndexOf(':');
    boolean hasTag = colon > name.lastIndexOf('/');
    String place = hasTag ? name.substring(0, colon) : name;
    int slash = place.indexOf('/');
    if (slash < 1) {
      throw new OciException(
          ErrorCode.NAME_INVALID,
          "the name has to begin with an upstream, for example docker.io/library/nginx:1.27");
    }
    Reference reference =
        at >= 0
            ? Digest.parse(text.substring(at + 1))
            : Tag.parse(hasTag ? name.substring(colon + 1) : STANDARD_TAG);
    return new ImageReference(place.substring(0, slash), place.substring(slash + 1), reference);
  }
}
