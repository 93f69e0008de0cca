package io.weir.config;

import io.weir.config.Entry.Group;
import io.weir.config.Entry.Items;
import io.weir.config.Entry.Leaf;
import io.weir.config.Entry.Named;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** How a problem shows what was written, and what may have been meant. */
public final class Suggestions {

  private static final int SHOWN_MAX = 60;
  private static final Pattern USER_INFO = Pattern.compile("(?s)(?<=://).*@");
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  private Suggestions() {}

  /** A text as it was written, short, on one line, and without the password of a URL. */
  static String got(String text, boolean quoted) {
    String shown = USER_INFO.matcher(text).replaceAll("***@");
    shown = CONTROL.matcher(shown).replaceAll("?");
    if (shown.length() > SHOWN_MAX) {
      shown = shown.substring(0, SHOWN_MAX) + "…";
    }
    return quoted ? '"' + shown + '"' : shown;
  }

  /** What is said of a key that a section does not have. */
  static String unknownKey(Section<?> section, String name) {
    if (section.names().contains(ConfigSchema.PASSWORD_FILE.name())
        && name.equalsIgnoreCase("password")) {
      return "a password cannot stand in this file; expected password-file, the file that holds it,"
          + " or password-env, the environment variable";
    }
    Optional<String> meant =
        nearest(name, section.names()).or(() -> paths(ConfigSchema.ROOT, "", name).findFirst());
    return meant
        .map(nearest -> "unknown key; did you mean \"" + nearest + "\"?")
        .orElse("unknown key; expected one of " + String.join(", ", section.names()));
  }

  /** A question to append to a message; empty where no candidate is near. */
  public static String didYouMean(String word, Collection<String> candidates) {
    return nearest(word, candidates).map(near -> "; did you mean \"" + near + "\"?").orElse("");
  }

  private static Optional<String> nearest(String word, Collection<String> candidates) {
    if (word.length() > SHOWN_MAX) {
      return Optional.empty();
    }
    int tolerance = Math.max(1, word.length() / 3);
    return candidates.stream()
        .filter(candidate -> distance(word, candidate) <= tolerance)
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
  }

  /** The key paths anywhere that end with the key. */
  private static Stream<String> paths(Section<?> section, String path, String name) {
    return section.entries().stream()
        .flatMap(entry -> {
          String keyPath = Values.below(path, entry.name());
          Stream<String> here = entry.name().equals(name) ? Stream.of(keyPath) : Stream.empty();
          Stream<String> deeper =
              switch (entry) {
                case Leaf<?, ?> _ -> Stream.empty();
                case Group<?, ?> group -> paths(group.section(), keyPath, name);
                case Items<?, ?> items -> paths(items.item(), keyPath + "[]", name);
                case Named<?, ?> named -> paths(named.section(), keyPath + ".NAME", name);
              };
          return Stream.concat(here, deeper);
        });
  }

  /**
   * How many letters to insert, leave out, replace, or swap with their neighbour make one word the
   * other: the optimal string alignment distance. Letter case does not count.
   */
  private static int distance(String left, String right) {
    String a = left.toLowerCase(Locale.ROOT);
    String b = right.toLowerCase(Locale.ROOT);
    int[][] steps = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          steps[i][j] = i + j;
          continue;
        }
        int replace = steps[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int insertOrOmit = 1 + Math.min(steps[i - 1][j], steps[i][j - 1]);
        steps[i][j] = Math.min(replace, insertOrOmit);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          steps[i][j] = Math.min(steps[i][j], steps[i - 2][j - 2] + 1);
        }
      }
    }
    return steps[a.length()][b.length()];
  }
}
