package io.weir.oci;

/**
 * What follows {@code /manifests/}: a {@link Tag} or a {@link Digest}.
 *
 * @see <a
 *     href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests">distribution-spec
 *     1.1.1, pulling manifests</a>
 */
public sealed interface Reference permits Tag, Digest {

  /**
   * Parses a reference. A colon cannot stand in a tag, so a string that has one is a digest.
   *
   * @throws OciException {@code DIGEST_INVALID} for a malformed digest, {@code MANIFEST_UNKNOWN}
   *     for a malformed tag: no such tag can exist, and the conformance suite asks for 404 there
   */
  static Reference parse(String text) {
    return text.indexOf(':') >= 0 ? Digest.parse(text) : Tag.parse(text);
  }
}
