package io.weir.config;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * What may stand after a key that has no keys below it.
 *
 * @param <T> what it becomes
 */
sealed interface Type<T> {

  /** What to write, as it follows the word "expected". */
  String expected();

  /** The value as YAML and JSON know it. */
  Object print(T value);

  /** Its JSON Schema. */
  Map<String, Object> schema();

  /** A JSON object of names and values, in turn, that keeps their order. */
  static Map<String, Object> object(Object... namesAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      object.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return Collections.unmodifiableMap(object);
  }

  /** Turns what was written into a value. */
  interface Parser<T> {

    /**
     * The value.
     *
     * @param base the folder that relative paths are relative to
     * @throws Expected where the text has no such value, and more can be said than {@link
     *     Type#expected} does
     * @throws IllegalArgumentException where the text has no such value
     */
    T parse(String text, Path base);
  }

  /**
   * One value.
   *
   * @param tags what YAML may have taken the text for
   * @param choices the words that may stand here, for suggestions
   * @param quiet whether a mistake is told without what was written, which may be a secret
   */
  record Scalar<T>(
      String expected,
      Set<Tag> tags,
      List<String> choices,
      boolean quiet,
      Map<String, Object> schema,
      Parser<T> parser,
      Function<T, Object> printer)
      implements Type<T> {

    /** A value that YAML takes for a string. */
    static <T> Scalar<T> text(String expected, Parser<T> parser) {
      return new Scalar<>(
          expected,
          Set.of(Tag.STR),
          List.of(),
          false,
          object("type", "string"),
          parser,
          Object::toString);
    }

    /** A value for which YAML also has other types than a string. */
    Scalar<T> writtenAs(Tag... others) {
      return new Scalar<>(expected, Set.of(others), choices, quiet, schema, parser, printer);
    }

    Scalar<T> withChoices(String... words) {
      return new Scalar<>(expected, tags, List.of(words), quiet, schema, parser, printer);
    }

    Scalar<T> withSchema(Object... namesAndValues) {
      return new Scalar<>(expected, tags, choices, quiet, object(namesAndValues), parser, printer);
    }

    Scalar<T> printedBy(Function<T, Object> other) {
      return new Scalar<>(expected, tags, choices, quiet, schema, parser, other);
    }

    Scalar<T> quietly() {
      return new Scalar<>(expected, tags, choices, true, schema, parser, printer);
    }

    @Override
    public Object print(T value) {
      return printer.apply(value);
    }
  }

  /** Any number of values. */
  record ListOf<T>(Scalar<T> item) implements Type<List<T>> {

    @Override
    public String expected() {
      return "a list, each entry " + item.expected();
    }

    @Override
    public Object print(List<T> values) {
      return values.stream().map(item::print).toList();
    }

    @Override
    public Map<String, Object> schema() {
      return object("type", List.of("array", "null"), "items", item.schema());
    }
  }
}
