package io.weir.upstream;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The {@code Link} header of RFC 8288, as far as registries use it to lead to the next page. */
final class LinkHeader {

  private static final Pattern LINK = Pattern.compile("<([^>]*)>([^<]*)");
  private static final Pattern NEXT =
      Pattern.compile(";\\s*rel\\s*=\\s*\"?next\\b", Pattern.CASE_INSENSITIVE);

  private LinkHeader() {}

  /** The target of the first link with {@code rel="next"}, or null. */
  static @Nullable String next(List<String> lines) {
    for (String line : lines) {
      Matcher link = LINK.matcher(line);
      while (link.find()) {
        if (NEXT.matcher(link.group(2)).find()) {
          return link.group(1);
        }
      }
    }
    return null;
  }
}
