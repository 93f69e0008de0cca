package io.weir.upstream;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The {@code Content-Range} of a 206.
 *
 * @param first the first byte of the part
 * @param last its last byte
 * @param sizeBytes the length of the whole, or −1 where it is not said
 */
record ContentRange(long first, long last, long sizeBytes) {

  private static final Pattern SYNTAX =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)", Pattern.CASE_INSENSITIVE);

  static @Nullable ContentRange parse(@Nullable String header) {
    Matcher matcher = SYNTAX.matcher(header == null ? "" : header.strip());
    if (!matcher.matches()) {
      return null;
    }
    String size = matcher.group(3);
    return new ContentRange(
        Long.parseLong(matcher.group(1)),
        Long.parseLong(matcher.group(2)),
        size.equals("*") ? -1 : Long.parseLong(size));
  }

  /**
   * Whether it is the bytes from {@code fromByte} to before {@code toByte}, or to the end where
   * that is nearer, as far as it says where that is.
   *
   * @param toByte −1 for the end
   */
  boolean answers(long fromByte, long toByte) {
    boolean isToEnd = sizeBytes < 0 ? toByte < 0 : last == sizeBytes - 1;
    boolean isAsFarAsAsked = last == toByte - 1 || (isToEnd && (toByte < 0 || last < toByte));
    return first == fromByte && last >= first && isAsFarAsAsked;
  }
}
