package io.weir.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One key of a section: what stands after it, and where its value is found again in the finished
 * configuration.
 *
 * @param <O> what the section becomes
 */
sealed interface Entry<O> {

  /** The key as it is written. */
  String name();

  /** What it does, in a sentence or two of Markdown. */
  String text();

  /**
   * A key with a value.
   *
   * @param standard what holds where the key is absent; null where nothing does, or where {@code
   *     standardText} tells
   * @param standardText the default in words, where it depends on something
   * @param required whether the section means nothing without the key
   */
  record Leaf<O, T>(
      String name,
      Type<T> type,
      Function<O, Optional<T>> of,
      @Nullable T standard,
      String standardText,
      boolean required,
      String text)
      implements Entry<O> {

    static <O, T> Leaf<O, T> leaf(
        String name, Type<T> type, Function<O, Optional<T>> of, String text) {
      return new Leaf<>(name, type, of, null, "", false, text);
    }

    Leaf<O, T> standard(T value) {
      return new Leaf<>(name, type, of, value, "", required, text);
    }

    /** Gives the default in words, in Markdown. */
    Leaf<O, T> standardIs(String words) {
      return new Leaf<>(name, type, of, null, words, required, text);
    }

    Leaf<O, T> mandatory() {
      return new Leaf<>(name, type, of, standard, standardText, true, text);
    }

    /** The default as it would be written in the file. */
    Optional<Object> printedStandard() {
      return Optional.ofNullable(standard).map(type::print);
    }
  }

  /**
   * A key with a section.
   *
   * @param standardText where the section's values come from if they are absent; empty for each
   *     key's own default
   */
  record Group<O, S>(
      String name,
      Section<S> section,
      Function<O, Optional<S>> of,
      String standardText,
      String text)
      implements Entry<O> {}

  /** A key with a list of sections. */
  record Items<O, S>(String name, Section<S> item, Function<O, List<S>> of, String text)
      implements Entry<O> {}

  /** A key with a map of sections, each below a name that the user chooses. */
  record Named<O, S>(
      String name,
      Type.Scalar<String> key,
      Section<S> section,
      Function<O, Map<String, S>> of,
      String standardText,
      String text)
      implements Entry<O> {}
}
