package io.weir.store;

import io.weir.oci.ImagePattern;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which images to list: those that fulfil all of it.
 *
 * @param upstream they are of this one
 * @param repository their repository has this name
 * @param words each of them occurs in {@code upstream/repository}, with a tag or the digest behind
 *     it, or in a platform; whether in capitals does not matter. {@link #WORDS_MAX} at most
 * @param pattern it matches them
 */
public record ImageFilter(
    Optional<String> upstream,
    Optional<String> repository,
    List<String> words,
    Optional<ImagePattern> pattern) {

  /** More words make no list shorter, but each takes its time. */
  public static final int WORDS_MAX = 8;

  /** Every image. */
  public static final ImageFilter ALL =
      new ImageFilter(Optional.empty(), Optional.empty(), List.of(), Optional.empty());

  public ImageFilter {
    words = words.stream().map(word -> word.toLowerCase(Locale.ROOT)).distinct().toList();
    if (words.size() > WORDS_MAX) {
      throw new IllegalArgumentException("more than " + WORDS_MAX + " words");
    }
  }
}
