package io.weir.config;

import io.weir.config.Entry.Group;
import io.weir.config.Entry.Items;
import io.weir.config.Entry.Leaf;
import io.weir.config.Entry.Named;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Prints a configuration as the YAML that would give it: every key that has a value, and no secret,
 * because a configuration holds none, but for arguments of programs, in whose place stands {@code
 * ***}.
 */
public final class ConfigPrinter {

  private ConfigPrinter() {}

  /**
   * The whole configuration. {@link ConfigLoader#parse} reads it as an equal one, but for what is
   * left out.
   */
  public static String toYaml(Config config) {
    DumpSettings settings =
        DumpSettings.builder()
            .setSchema(new CoreSchema())
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setDereferenceAliases(true)
            .setSplitLines(false)
            .build();
    return new Dump(settings).dumpToString(section(ConfigSchema.ROOT, config));
  }

  private static <O> Map<String, Object> section(Section<O> section, O owner) {
    Map<String, Object> printed = new LinkedHashMap<>();
    for (Entry<O> entry : section.entries()) {
      entry(entry, owner).ifPresent(value -> printed.put(entry.name(), value));
    }
    return printed;
  }

  private static <O> Optional<Object> entry(Entry<O> entry, O owner) {
    return switch (entry) {
      case Leaf<O, ?> leaf -> leaf(leaf, owner);
      case Group<O, ?> group -> group(group, owner);
      case Items<O, ?> items -> Optional.of(items(items, owner));
      case Named<O, ?> named ->
          named.of().apply(owner).isEmpty() ? Optional.empty() : Optional.of(named(named, owner));
    };
  }

  private static <O, T> Optional<Object> leaf(Leaf<O, T> leaf, O owner) {
    return leaf.of().apply(owner).map(leaf.type()::print);
  }

  private static <O, S> Optional<Object> group(Group<O, S> group, O owner) {
    return group.of().apply(owner).map(value -> section(group.section(), value));
  }

  private static <O, S> Object items(Items<O, S> items, O owner) {
    return items.of().apply(owner).stream().map(item -> section(items.item(), item)).toList();
  }

  private static <O, S> Object named(Named<O, S> named, O owner) {
    Map<String, Object> printed = new LinkedHashMap<>();
    named
        .of()
        .apply(owner)
        .forEach((name, value) -> printed.put(name, section(named.section(), value)));
    return printed;
  }
}
