package io.weir.oci;

/**
 * A text with stars, which matches other texts.
 *
 * <p>{@code *} stands for any characters but {@code /}, also for none; two or more stars together
 * stand for {@code /} as well. Everything else stands for itself. So {@code library/*} matches
 * {@code library/nginx} but not {@code library/a/b}; {@code team-a/**} matches everything below
 * {@code team-a/}; {@code **} matches everything.
 *
 * <p>Matching takes time in proportion to the length of the text times that of the pattern,
 * whatever they hold: the text is read once, with the set of all places in the pattern where it may
 * stand.
 *
 * @param pattern as it was written; any text
 */
public record Glob(String pattern) {

  /** Whether the pattern matches the whole text. */
  public boolean matches(String text) {
    // places[i]: what was read of the text so far can be matched by the first i characters.
    boolean[] places = new boolean[pattern.length() + 1];
    places[0] = true;
    passStars(places);
    for (int i = 0; i < text.length(); i++) {
      places = step(places, text.charAt(i));
      passStars(places);
    }
    return places[pattern.length()];
  }

  private boolean[] step(boolean[] places, char read) {
    boolean[] next = new boolean[places.length];
    for (int i = 0; i < pattern.length(); i++) {
      if (places[i]) {
        if (isStar(i)) {
          next[i] |= read != '/' || isDoubleStar(i);
        } else {
          next[i + 1] |= pattern.charAt(i) == read;
        }
      }
    }
    return next;
  }

  /** A star may also stand for nothing. */
  private void passStars(boolean[] places) {
    for (int i = 0; i < pattern.length(); i++) {
      if (places[i] && isStar(i)) {
        places[i + 1] = true;
      }
    }
  }

  private boolean isStar(int i) {
    return i < pattern.length() && pattern.charAt(i) == '*';
  }

  private boolean isDoubleStar(int i) {
    return isStar(i) && (isStar(i + 1) || (i > 0 && isStar(i - 1)));
  }

  @Override
  public String toString() {
    return pattern;
  }
}
