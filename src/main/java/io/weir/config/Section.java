package io.weir.config;

import java.util.List;
import java.util.Optional;

/**
 * A map whose keys are known.
 *
 * @param <O> what it becomes
 * @param entries its keys, in the order in which they are shown
 */
record Section<O>(List<Entry<O>> entries) {

  @SafeVarargs
  @SuppressWarnings("varargs") // the array is only read
  static <O> Section<O> of(Entry<O>... entries) {
    return new Section<>(List.of(entries));
  }

  Optional<Entry<O>> entry(String name) {
    return entries.stream().filter(entry -> entry.name().equals(name)).findFirst();
  }

  List<String> names() {
    return entries.stream().map(Entry::name).toList();
  }
}
