package io.weir.config;

import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as users write them: a number and one unit, such as {@code 10Gi} or {@code 80%}. */
final class Sizes {

  /** A number of bytes. */
  static final String BYTES_PATTERN = "^[0-9]{1,18}([kMGTPE]|[KMGTPE]i)?$";

  /** A number of bytes, or a part. */
  static final String PATTERN = "^([0-9]{1,18})([kMGTPE]|[KMGTPE]i|%)?$";

  private record Unit(String suffix, long bytes) {}

  private static final List<Unit> UNITS =
      List.of(
          new Unit("", 1),
          new Unit("Ki", 1L << 10),
          new Unit("Mi", 1L << 20),
          new Unit("Gi", 1L << 30),
          new Unit("Ti", 1L << 40),
          new Unit("Pi", 1L << 50),
          new Unit("Ei", 1L << 60),
          new Unit("k", 1_000L),
          new Unit("M", 1_000_000L),
          new Unit("G", 1_000_000_000L),
          new Unit("T", 1_000_000_000_000L),
          new Unit("P", 1_000_000_000_000_000L),
          new Unit("E", 1_000_000_000_000_000_000L));

  private static final Pattern GRAMMAR = Pattern.compile(PATTERN);

  private Sizes() {}

  /**
   * Parses a size of less than 2⁶³ bytes, or a part.
   *
   * @throws IllegalArgumentException where the text is none
   */
  static Size parse(String text) {
    Matcher matcher = GRAMMAR.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException();
    }
    long amount = Long.parseLong(matcher.group(1));
    String suffix = text.substring(matcher.end(1));
    if (suffix.equals("%")) {
      return new Size.Percent((int) Math.min(amount, Integer.MAX_VALUE));
    }
    long unit = unit(suffix);
    if (amount > Long.MAX_VALUE / unit) {
      throw new Expected("a size of less than 8Ei");
    }
    return new Size.Bytes(amount * unit);
  }

  private static long unit(String suffix) {
    return UNITS.stream()
        .filter(unit -> unit.suffix().equals(suffix))
        .mapToLong(Unit::bytes)
        .findFirst()
        .orElseThrow(IllegalArgumentException::new);
  }

  /** The shortest form that {@link #parse} reads as the same number of bytes. */
  static String print(long bytes) {
    return UNITS.stream()
        .filter(unit -> bytes % unit.bytes() == 0)
        .map(unit -> bytes / unit.bytes() + unit.suffix())
        .min(Comparator.comparingInt(String::length))
        .orElseThrow();
  }
}
