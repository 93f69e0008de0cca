package io.weir.monitoring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The rule file.
 *
 * @param text as it stands in the file
 */
record Rules(String text) {

  static final Path FILE = Path.of("deploy", "monitoring", "weir-alerts.yaml");

  /**
   * A rule that makes a series or an alert.
   *
   * @param alert what the alert is called; empty of a recording rule
   */
  record Rule(
      String alert,
      String expression,
      Map<String, String> labels,
      Map<String, String> annotations) {}

  static Rules read() throws IOException {
    return new Rules(Files.readString(FILE));
  }

  List<Rule> all() {
    Load yaml = new Load(LoadSettings.builder().build());
    List<Rule> rules = new ArrayList<>();
    for (Object group : list(yaml.loadFromString(text), "groups")) {
      for (Object rule : list(group, "rules")) {
        Map<?, ?> members = (Map<?, ?>) rule;
        rules.add(
            new Rule(
                Objects.toString(members.get("alert"), ""),
                Objects.toString(members.get("expr"), ""),
                texts(members.get("labels")),
                texts(members.get("annotations"))));
      }
    }
    return rules;
  }

  private static List<?> list(Object object, String member) {
    return (List<?>) Objects.requireNonNull(((Map<?, ?>) object).get(member), member);
  }

  private static Map<String, String> texts(@Nullable Object object) {
    Map<String, String> texts = new LinkedHashMap<>();
    if (object != null) {
      ((Map<?, ?>) object).forEach((name, text) -> texts.put(name.toString(), text.toString()));
    }
    return texts;
  }

  /** The rules that are alerts. */
  List<Rule> alerts() {
    return all().stream().filter(rule -> !rule.alert().isEmpty()).toList();
  }

  /**
   * The same in fast motion: what looks back for hours or days does so for half a minute, and
   * nothing is waited for.
   */
  String fast() {
    return text.replaceAll("\\[\\d+[mhd]\\]( offset \\d+[mhd])?", "[30s]")
        .replaceAll("(?m)^( +for:) .*$", "$1 0s");
  }
}
