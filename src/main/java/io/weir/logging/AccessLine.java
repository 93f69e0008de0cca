package io.weir.logging;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * The text form of the access log: {@code GET docker.io/library/nginx:1.27 200 1234 0.012s hit
 * 10.0.0.7}, with {@code -} for what an event does not have, and other pairs behind unless they are
 * false.
 */
final class AccessLine {

  /** The logger whose events have this form. */
  static final String LOGGER = "weir.access";

  private static final List<String> SHOWN_IN_PLACE =
      List.of(
          "method",
          "upstream",
          "repository",
          "reference",
          "status",
          "bytes",
          "seconds",
          "cache",
          "client");

  private AccessLine() {}

  static void append(StringBuilder line, List<KeyValuePair> pairs) {
    word(line, value(pairs, "method"));
    line.append(' ');
    target(line, pairs);
    line.append(' ');
    word(line, value(pairs, "status"));
    line.append(' ');
    word(line, value(pairs, "bytes"));
    line.append(' ');
    seconds(line, value(pairs, "seconds"));
    line.append(' ');
    word(line, value(pairs, "cache"));
    line.append(' ');
    word(line, value(pairs, "client"));
    for (KeyValuePair pair : pairs) {
      if (!SHOWN_IN_PLACE.contains(pair.key) && !Boolean.FALSE.equals(pair.value)) {
        TextEncoder.append(line, pair);
      }
    }
  }

  /** As one would write the image: a tag follows a colon, a digest an at sign. */
  private static void target(StringBuilder line, List<KeyValuePair> pairs) {
    Object upstream = value(pairs, "upstream");
    Object repository = value(pairs, "repository");
    Object reference = value(pairs, "reference");
    word(line, upstream);
    if (repository != null) {
      line.append('/');
      word(line, repository);
    }
    if (reference != null) {
      line.append(reference.toString().indexOf(':') >= 0 ? '@' : ':');
      word(line, reference);
    }
  }

  private static void seconds(StringBuilder line, @Nullable Object seconds) {
    if (seconds instanceof Number number) {
      long millis = Math.round(number.doubleValue() * 1000);
      line.append(millis / 1000).append('.');
      line.append((char) ('0' + millis / 100 % 10));
      line.append((char) ('0' + millis / 10 % 10));
      line.append((char) ('0' + millis % 10)).append('s');
    } else {
      word(line, seconds);
    }
  }

  private static void word(StringBuilder line, @Nullable Object value) {
    if (value == null) {
      line.append('-');
    } else {
      Escaping.value(line, value.toString());
    }
  }

  /** The value, or null where there is none or an empty one. */
  private static @Nullable Object value(List<KeyValuePair> pairs, String key) {
    for (KeyValuePair pair : pairs) {
      if (pair.key.equals(key)) {
        return "".equals(pair.value) ? null : pair.value;
      }
    }
    return null;
  }
}
