package io.weir.config;

import io.weir.config.Problems.Place;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * The YAML of a configuration, as nodes that know their lines.
 *
 * <p>A document may hold aliases, but only so many, and only so deep: what is small as a file stays
 * small as a tree.
 */
final class YamlDocument {

  private static final int CHARACTERS_MAX = 1 << 20;
  private static final int ALIASES_MAX = 50;
  private static final int DEPTH_MAX = 20;

  private static final LoadSettings SETTINGS =
      LoadSettings.builder()
          .setSchema(new CoreSchema())
          .setCodePointLimit(CHARACTERS_MAX)
          .setMaxAliasesForCollections(ALIASES_MAX)
          .setAllowNonScalarKeys(true) // the reader refuses them with their line
          .build();

  private YamlDocument() {}

  /**
   * The root of the document; empty where it holds nothing, or no YAML, which is then among the
   * problems.
   *
   * @param source what the problems call the document
   */
  static Optional<Node> parse(String text, String source, Problems problems) {
    try {
      if (isTooDeep(text, source, problems)) {
        return Optional.empty();
      }
      return new Compose(SETTINGS).composeString(text);
    } catch (MarkedYamlEngineException e) {
      Place place = place(source, e.getProblemMark().or(e::getContextMark));
      problems.add(place, "", "not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      problems.add(new Place(source, 1), "", "not YAML that can be read here: " + e.getMessage());
    }
    return Optional.empty();
  }

  /** Composing is recursive, so the depth is looked at before. */
  private static boolean isTooDeep(String text, String source, Problems problems) {
    int depth = 0;
    for (Event event : new Parse(SETTINGS).parseString(text)) {
      switch (event.getEventId()) {
        case MappingStart, SequenceStart -> depth++;
        case MappingEnd, SequenceEnd -> depth--;
        default -> {}
      }
      if (depth > DEPTH_MAX) {
        problems.add(
            place(source, event.getStartMark()),
            "",
            "expected at most " + DEPTH_MAX + " levels of lists and maps");
        return true;
      }
    }
    return false;
  }

  /** Where a node begins. */
  static Place place(String source, Node node) {
    return place(source, node.getStartMark());
  }

  private static Place place(String source, Optional<Mark> mark) {
    return new Place(source, mark.map(Mark::getLine).orElse(0) + 1);
  }
}
