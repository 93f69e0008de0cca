package io.weir.config;

import io.weir.config.Problems.Place;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a document says in one section, and where. Immutable.
 *
 * @see ConfigReader
 */
final class Values {

  /** Something that was read, the place where it stands, and its key path. */
  record Located<T>(T value, Place place, String path) {}

  private final Place place;
  private final String path;
  private final Map<String, Located<?>> byKey;
  private final Set<String> mistaken;

  /**
   * What was read.
   *
   * @param mistaken keys that stand there with something that could not be read
   */
  Values(Place place, String path, Map<String, Located<?>> byKey, Set<String> mistaken) {
    this.place = place;
    this.path = path;
    this.byKey = new LinkedHashMap<>(byKey);
    this.mistaken = Set.copyOf(mistaken);
  }

  /** A section of which nothing is said. */
  static Values none(Place place, String path) {
    return new Values(place, path, Map.of(), Set.of());
  }

  /** A section where something stands that cannot be read: a problem already told. */
  static Values unreadable(Place place, String path, List<String> keys) {
    return new Values(place, path, Map.of(), Set.copyOf(keys));
  }

  Place place() {
    return place;
  }

  String path() {
    return path;
  }

  /** Whether the key stands there, with something that could be read or not. */
  boolean mentions(Entry<?> key) {
    return byKey.containsKey(key.name()) || mistaken.contains(key.name());
  }

  /** Whether the key stands there with something that could not be read: a problem already told. */
  boolean mistakes(Entry<?> key) {
    return mistaken.contains(key.name());
  }

  /** The key's value and its place, where it was given. */
  @SuppressWarnings("unchecked") // under a key's name stands only what its type has read
  <T> Optional<Located<T>> located(Entry.Leaf<?, T> key) {
    return Optional.ofNullable((Located<T>) byKey.get(key.name()));
  }

  /** The key's value, where it was given. */
  <T> Optional<T> get(Entry.Leaf<?, T> key) {
    return located(key).map(Located::value);
  }

  /** The key's value, or its default. */
  <T> T orStandard(Entry.Leaf<?, T> key) {
    return get(key)
        .or(() -> Optional.ofNullable(key.standard()))
        .orElseThrow(() -> new IllegalStateException(key.name() + " has no default"));
  }

  /** The section below the key; where it is absent, one of which nothing is said. */
  Values group(Entry.Group<?, ?> key) {
    Located<?> found = byKey.get(key.name());
    return found == null ? none(place, below(key)) : (Values) found.value();
  }

  /** The sections of a list, where the list was given. */
  @SuppressWarnings("unchecked") // under a key's name stands only what the reader has put there
  Optional<List<Values>> items(Entry.Items<?, ?> key) {
    return Optional.ofNullable(byKey.get(key.name())).map(found -> (List<Values>) found.value());
  }

  /** The sections of a map by their names, in the order of the file, where the map was given. */
  @SuppressWarnings("unchecked") // under a key's name stands only what the reader has put there
  Optional<Map<String, Values>> named(Entry.Named<?, ?> key) {
    return Optional.ofNullable(byKey.get(key.name()))
        .map(found -> (Map<String, Values>) found.value());
  }

  /** The same, but for one key. */
  <T> Values with(Entry.Leaf<?, T> key, T value, Place newPlace) {
    Map<String, Located<?>> changed = new LinkedHashMap<>(byKey);
    changed.put(key.name(), new Located<>(value, newPlace, below(key)));
    return new Values(place, path, changed, mistaken);
  }

  /** The same, but for one key. */
  Values without(Entry.Leaf<?, ?> key) {
    Map<String, Located<?>> changed = new LinkedHashMap<>(byKey);
    changed.remove(key.name());
    return new Values(place, path, changed, mistaken);
  }

  /** The same, but with something under the key that cannot be read: a problem already told. */
  Values withMistake(Entry<?> key) {
    Set<String> changed = new HashSet<>(mistaken);
    changed.add(key.name());
    return new Values(place, path, byKey, changed);
  }

  /** Where the key stands, or else the section. */
  Place placeOf(Entry<?> key) {
    Located<?> found = byKey.get(key.name());
    return found == null ? place : found.place();
  }

  /** The key path of a key of this section. */
  String below(Entry<?> key) {
    return below(path, key.name());
  }

  /** The key path of a key in the section of this path. */
  static String below(String path, String name) {
    return path.isEmpty() ? name : path + '.' + name;
  }
}
