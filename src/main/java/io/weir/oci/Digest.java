package io.weir.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A content digest, such as {@code
 * sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b}.
 *
 * <p>Only the algorithms that can be verified here are accepted: SHA-256 and SHA-512. The encoded
 * part is lower-case hexadecimal of exactly the algorithm's length, so a digest is safe as a file
 * name.
 *
 * @param algorithm the hash
 * @param hex the encoded part, lower-case
 * @see <a
 *     href="https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests">image-spec
 *     1.1.1, digests</a>
 */
public record Digest(Algorithm algorithm, String hex) implements Reference {

  /** A hash that is registered in the image specification. */
  public enum Algorithm {
    SHA256("sha256", "SHA-256", 64),
    SHA512("sha512", "SHA-512", 128);

    private final String id;
    private final String javaName;
    private final int hexLength;

    Algorithm(String id, String javaName, int hexLength) {
      this.id = id;
      this.javaName = javaName;
      this.hexLength = hexLength;
    }

    /** The name on the wire and of the folder below {@code blobs/}. */
    public String id() {
      return id;
    }

    /** A new, empty hash computation. */
    public MessageDigest newMessageDigest() {
      try {
        return MessageDigest.getInstance(javaName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has " + javaName, e);
      }
    }

    /** A hash computation that goes on where {@code hash} is, which it leaves as it is. */
    public static MessageDigest copy(MessageDigest hash) {
      try {
        return (MessageDigest) hash.clone();
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException("the JDK's own digests can be cloned", e);
      }
    }

    /** The digest of {@code content}. */
    public Digest of(byte[] content) {
      return finish(newMessageDigest().digest(content));
    }

    /** The digest whose raw value is {@code hash}. */
    public Digest finish(byte[] hash) {
      return new Digest(this, HexFormat.of().formatHex(hash));
    }
  }

  public Digest {
    if (hex.length() != algorithm.hexLength || !isLowerHex(hex)) {
      throw new OciException(
          ErrorCode.DIGEST_INVALID,
          "not a digest: %s needs %d lower-case hexadecimal digits"
              .formatted(algorithm.id, algorithm.hexLength));
    }
  }

  /**
   * Parses {@code algorithm:hex}.
   *
   * @throws OciException {@code DIGEST_INVALID} for an unknown algorithm, a wrong length or
   *     upper-case digits
   */
  public static Digest parse(String text) {
    int colon = text.indexOf(':');
    String id = colon < 0 ? "" : text.substring(0, colon);
    for (Algorithm algorithm : Algorithm.values()) {
      if (algorithm.id.equals(id)) {
        return new Digest(algorithm, text.substring(colon + 1));
      }
    }
    throw new OciException(
        ErrorCode.DIGEST_INVALID, "not a digest: sha256:… or sha512:… is expected");
  }

  private static boolean isLowerHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean isHex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      if (!isHex) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return algorithm.id + ':' + hex;
  }
}
