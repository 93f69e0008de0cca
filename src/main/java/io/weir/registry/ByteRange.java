package io.weir.registry;

import org.jspecify.annotations.Nullable;

/**
 * The Range header of a request: one range of bytes.
 *
 * <p>Of the header's many forms three are answered with a part: {@code bytes=a-b}, {@code bytes=a-}
 * and {@code bytes=-n}. Several ranges, or another unit, are answered with the whole, as RFC 9110,
 * section 14.2 allows. What is no range at all cannot be satisfied.
 *
 * @param first the first byte's offset, or −1 where only a length from the end is given
 * @param last the last byte's offset, or −1 where it is the end; with {@code first} −1, the length
 *     from the end
 */
record ByteRange(long first, long last) {

  /** What no blob can satisfy: 416. */
  static final class UnsatisfiableException extends RuntimeException {

    private final long sizeBytes;

    UnsatisfiableException(long sizeBytes) {
      super("the range cannot be satisfied");
      this.sizeBytes = sizeBytes;
    }

    /** The blob's length, or −1 where the range makes no sense whatever the length. */
    long sizeBytes() {
      return sizeBytes;
    }
  }

  /**
   * A range of a blob of known length.
   *
   * @param from the first byte's offset
   * @param to one past the last byte's
   */
  record Slice(long from, long to) {}

  /**
   * Reads a Range header.
   *
   * @return null where the whole is to be sent
   * @throws UnsatisfiableException for nonsense, such as {@code bytes=500-0}
   */
  static @Nullable ByteRange parse(@Nullable String header) {
    if (header == null || !header.regionMatches(true, 0, "bytes=", 0, "bytes=".length())) {
      return null;
    }
    String spec = header.substring("bytes=".length()).strip();
    if (spec.indexOf(',') >= 0) {
      return null;
    }
    int dash = spec.indexOf('-');
    if (dash < 0) {
      throw new UnsatisfiableException(-1);
    }
    long first = number(spec.substring(0, dash));
    long last = number(spec.substring(dash + 1));
    if ((first < 0 && last < 0) || (first >= 0 && last >= 0 && last < first)) {
      throw new UnsatisfiableException(-1);
    }
    return new ByteRange(first, last);
  }

  private static long number(String digits) {
    String text = digits.strip();
    if (text.isEmpty()) {
      return -1;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        throw new UnsatisfiableException(-1);
      }
    }
    // Beyond 18 digits it is beyond any blob.
    return text.length() > 18 ? Long.MAX_VALUE : Long.parseLong(text);
  }

  /** Whether it is all from some byte on: how a client goes on with what it has in part. */
  boolean isRest() {
    return first >= 0 && last < 0;
  }

  /** Whether a blob of {@code sizeBytes} has any of it. */
  boolean isSatisfiable(long sizeBytes) {
    return first < 0 ? last > 0 && sizeBytes > 0 : first < sizeBytes;
  }

  /**
   * The range within a blob of {@code sizeBytes}.
   *
   * @throws UnsatisfiableException where it begins past the end, or is empty
   */
  Slice within(long sizeBytes) {
    if (!isSatisfiable(sizeBytes)) {
      throw new UnsatisfiableException(sizeBytes);
    }
    if (first < 0) {
      return new Slice(Math.max(0, sizeBytes - last), sizeBytes);
    }
    return new Slice(first, last < 0 || last >= sizeBytes ? sizeBytes : last + 1);
  }
}
