package io.weir.monitoring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The dashboard as Grafana reads it.
 *
 * @param json the whole document
 */
record Dashboard(JsonNode json) {

  private static final Path FILE = Path.of("deploy", "monitoring", "weir-dashboard.json");

  static Dashboard read() throws IOException {
    return new Dashboard(JsonMapper.shared().readTree(Files.readAllBytes(FILE)));
  }

  /** Everything that has a place, rows too. */
  List<JsonNode> panels() {
    return elements(json.path("panels"));
  }

  /** The panels that show something. */
  List<JsonNode> figures() {
    return panels().stream().filter(panel -> !type(panel).equals("row")).toList();
  }

  static String type(JsonNode panel) {
    return panel.path("type").asString();
  }

  /** What a panel is called, for messages. */
  static String title(JsonNode panel) {
    return panel.path("title").asString();
  }

  /** The queries of a panel. */
  static List<JsonNode> targets(JsonNode panel) {
    return elements(panel.path("targets"));
  }

  /** The names of the variables. */
  Set<String> variables() {
    return elements(json.at("/templating/list")).stream()
        .map(variable -> variable.path("name").asString())
        .collect(Collectors.toSet());
  }

  /** The expressions of all panels, with the variables in them. */
  List<String> expressions() {
    return figures().stream()
        .flatMap(panel -> targets(panel).stream())
        .map(target -> target.path("expr").asString())
        .toList();
  }

  /** What Grafana would ask for with everything chosen and the last minute shown. */
  static String filledIn(String expression) {
    return expression
        .replace("$job", ".+")
        .replace("$instance", ".+")
        .replace("$upstream", ".*")
        .replace("$__range", "1m")
        .replace("$__rate_interval", "10s");
  }

  static List<JsonNode> elements(JsonNode array) {
    List<JsonNode> elements = new ArrayList<>();
    array.forEach(elements::add);
    return elements;
  }
}
