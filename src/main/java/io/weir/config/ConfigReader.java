package io.weir.config;

import io.weir.config.Entry.Group;
import io.weir.config.Entry.Items;
import io.weir.config.Entry.Leaf;
import io.weir.config.Entry.Named;
import io.weir.config.Problems.Place;
import io.weir.config.Type.ListOf;
import io.weir.config.Type.Scalar;
import io.weir.config.Values.Located;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads a YAML document by {@link ConfigSchema}. What does not fit becomes a problem, and the
 * reading goes on: a method whose result is empty has told why.
 */
final class ConfigReader {

  private final String source;
  private final Path base;
  private final Problems problems;

  /**
   * A reader of one document.
   *
   * @param source what the problems call the document
   * @param base the folder that relative paths are relative to
   */
  ConfigReader(String source, Path base, Problems problems) {
    this.source = source;
    this.base = base;
    this.problems = problems;
  }

  /** What the document says. */
  Values read(String text) {
    return YamlDocument.parse(text, source, problems)
        .flatMap(root -> section(ConfigSchema.ROOT, root, place(root), ""))
        .orElse(Values.none(new Place(source, 1), ""));
  }

  /**
   * Reads a section, which is empty where nothing stands there.
   *
   * @param place where its key stands
   */
  private Optional<Values> section(Section<?> section, Node node, Place place, String path) {
    if (!(node instanceof MappingNode) && !isNothing(node)) {
      return refuse(node, path, "expected a map with keys such as " + section.names().getFirst());
    }
    Map<String, Located<?>> read = new LinkedHashMap<>();
    Set<String> mistaken = new HashSet<>();
    for (Key key : keys(node, path)) {
      Optional<? extends Entry<?>> entry = section.entry(key.name());
      if (entry.isEmpty()) {
        problems.add(key.place(), key.path(), Suggestions.unknownKey(section, key.name()));
        continue;
      }
      entry(entry.get(), key)
          .ifPresentOrElse(
              value -> read.put(key.name(), new Located<>(value, key.place(), key.path())),
              () -> mistaken.add(key.name()));
    }
    Values values = new Values(place, path, read, mistaken);
    section.entries().forEach(entry -> checkPresence(entry, values));
    return Optional.of(values);
  }

  private void checkPresence(Entry<?> entry, Values values) {
    if (entry instanceof Leaf<?, ?> leaf && leaf.required() && !values.mentions(leaf)) {
      problems.add(
          values.place(),
          values.below(leaf),
          "expected " + leaf.type().expected() + " (got nothing)");
    }
  }

  private Optional<?> entry(Entry<?> entry, Key key) {
    return switch (entry) {
      case Leaf<?, ?> leaf -> value(leaf.type(), key.value(), key.path());
      case Group<?, ?> group -> section(group.section(), key.value(), key.place(), key.path());
      case Items<?, ?> items -> items(items, key.value(), key.path());
      case Named<?, ?> named -> named(named, key.value(), key.path());
    };
  }

  private Optional<?> value(Type<?> type, Node node, String path) {
    return switch (type) {
      case Scalar<?> scalar -> scalar(scalar, node, path);
      case ListOf<?> list -> list(list, node, path);
    };
  }

  /** Those entries of a list that can be read. */
  private <T> Optional<List<T>> list(ListOf<T> type, Node node, String path) {
    return nodes(node, path, "expected " + type.expected())
        .map(nodes -> {
          List<T> values = new ArrayList<>();
          for (int i = 0; i < nodes.size(); i++) {
            scalar(type.item(), nodes.get(i), path + '[' + i + ']').ifPresent(values::add);
          }
          return values;
        });
  }

  /** Those sections of a list that can be read. */
  private Optional<List<Values>> items(Items<?, ?> items, Node node, String path) {
    String expected = "expected a list of maps with " + String.join(" and ", items.item().names());
    return nodes(node, path, expected)
        .map(nodes -> {
          List<Values> values = new ArrayList<>();
          for (int i = 0; i < nodes.size(); i++) {
            Node item = nodes.get(i);
            section(items.item(), item, place(item), path + '[' + i + ']').ifPresent(values::add);
          }
          return values;
        });
  }

  /** Those sections of a map whose names can be read. */
  private Optional<Map<String, Values>> named(Named<?, ?> named, Node node, String path) {
    if (!(node instanceof MappingNode) && !isNothing(node)) {
      return refuse(node, path, "expected a map of names");
    }
    List<Key> keys = keys(node, path);
    Map<String, Values> values = new LinkedHashMap<>();
    for (Key key : keys) {
      Values section =
          section(named.section(), key.value(), key.place(), key.path())
              .orElseGet(() -> Values.unreadable(key.place(), key.path(), named.section().names()));
      scalar(named.key(), key.node(), key.path()).ifPresent(name -> values.put(name, section));
    }
    return values.isEmpty() && !keys.isEmpty() ? Optional.empty() : Optional.of(values);
  }

  /** The nodes of a list; none where nothing stands there. */
  private Optional<List<Node>> nodes(Node node, String path, String expected) {
    if (isNothing(node)) {
      return Optional.of(List.of());
    }
    return node instanceof SequenceNode list
        ? Optional.of(list.getValue())
        : refuse(node, path, expected);
  }

  private <T> Optional<T> scalar(Scalar<T> type, Node node, String path) {
    if (!(node instanceof ScalarNode scalar) || isNothing(node)) {
      return refuse(node, path, "expected " + type.expected());
    }
    String written = scalar.getValue();
    boolean isString = scalar.getTag().equals(Tag.STR);
    Optional<T> value = parse(type, written, isString, place(node), path);
    if (value.isEmpty() || type.tags().contains(scalar.getTag())) {
      return value;
    }
    String remedy = type.tags().contains(Tag.STR) ? "; put it in quotes" : "";
    problems.add(
        place(node),
        path,
        "expected "
            + type.expected()
            + " (got "
            + Suggestions.got(written, isString)
            + remedy
            + ")");
    return Optional.empty();
  }

  /**
   * Reads one value, of a document or of a command line.
   *
   * @param quoted whether to show the text in quotes where it is refused
   */
  <T> Optional<T> parse(Scalar<T> type, String text, boolean quoted, Place place, String path) {
    String expected;
    try {
      return Optional.of(type.parser().parse(text, base));
    } catch (Expected e) {
      expected = e.getMessage();
    } catch (IllegalArgumentException _) {
      expected = "expected " + type.expected();
    }
    String nearest = Suggestions.didYouMean(text, type.choices());
    String got = type.quiet() ? "something else" : Suggestions.got(text, quoted);
    problems.add(place, path, expected + " (got " + got + ")" + nearest);
    return Optional.empty();
  }

  private <T> Optional<T> refuse(Node node, String path, String expected) {
    String got =
        isNothing(node)
            ? "nothing"
            : switch (node.getNodeType()) {
              case SCALAR -> "text";
              case SEQUENCE -> "a list";
              case MAPPING -> "a map";
              case ANCHOR -> "an anchor";
            };
    problems.add(place(node), path, expected + " (got " + got + ")");
    return Optional.empty();
  }

  /** A key as it stands in a map, and what stands after it. */
  private record Key(String name, Node node, Place place, String path, Node value) {}

  /** The keys of a map, if it is one; of a key that stands there twice, the first. */
  private List<Key> keys(Node mapOrNothing, String path) {
    Map<String, Key> keys = new LinkedHashMap<>();
    if (!(mapOrNothing instanceof MappingNode map)) {
      return List.of();
    }
    for (NodeTuple tuple : map.getValue()) {
      Node node = tuple.getKeyNode();
      if (!(node instanceof ScalarNode scalar) || isNothing(node)) {
        refuse(node, path, "expected a key");
        continue;
      }
      String name = scalar.getValue();
      Key key = new Key(name, node, place(node), Values.below(path, name), tuple.getValueNode());
      Key first = keys.putIfAbsent(name, key);
      if (first != null) {
        problems.add(
            key.place(),
            key.path(),
            "expected once (it also stands in line " + first.place().line() + ")");
      }
    }
    return List.copyOf(keys.values());
  }

  private Place place(Node node) {
    return YamlDocument.place(source, node);
  }

  private static boolean isNothing(Node node) {
    return node.getTag().equals(Tag.NULL);
  }
}
