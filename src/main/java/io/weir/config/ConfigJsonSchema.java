package io.weir.config;

import io.weir.config.Entry.Group;
import io.weir.config.Entry.Items;
import io.weir.config.Entry.Leaf;
import io.weir.config.Entry.Named;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON Schema of a configuration, for editors.
 *
 * @see <a href="https://json-schema.org/draft/2020-12">JSON Schema 2020-12</a>
 */
public final class ConfigJsonSchema {

  private ConfigJsonSchema() {}

  /** The schema, indented, with a line end. */
  public static String text() {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "Configuration of Weir");
    schema.putAll(section(ConfigSchema.ROOT, true));
    return JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build()
            .writeValueAsString(schema)
        + '\n';
  }

  /**
   * A section. YAML has null where a key has nothing after it.
   *
   * @param standards whether each key has its own default, and does not take it from elsewhere
   */
  private static Map<String, Object> section(Section<?> section, boolean standards) {
    Map<String, Object> properties = new LinkedHashMap<>();
    section.entries().forEach(entry -> properties.put(entry.name(), entry(entry, standards)));
    List<String> required =
        section.entries().stream()
            .filter(entry -> entry instanceof Leaf<?, ?> leaf && leaf.required())
            .map(Entry::name)
            .toList();
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", required.isEmpty() ? List.of("object", "null") : "object");
    schema.put("additionalProperties", false);
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    schema.put("properties", properties);
    return schema;
  }

  private static Map<String, Object> entry(Entry<?> entry, boolean standards) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("description", entry.text().replace("`", ""));
    switch (entry) {
      case Leaf<?, ?> leaf -> {
        leaf.printedStandard()
            .filter(_ -> standards)
            .ifPresent(value -> schema.put("default", value));
        schema.putAll(leaf.type().schema());
      }
      case Group<?, ?> group ->
          schema.putAll(section(group.section(), group.standardText().isEmpty()));
      case Items<?, ?> items -> {
        schema.put("type", List.of("array", "null"));
        schema.put("items", section(items.item(), true));
      }
      case Named<?, ?> named -> {
        schema.put("type", "object");
        schema.put("minProperties", 1);
        schema.put("propertyNames", named.key().schema());
        schema.put("additionalProperties", section(named.section(), true));
      }
    }
    return schema;
  }
}
