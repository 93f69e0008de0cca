package io.weir.logging;

import java.time.Instant;
import java.util.Map;

/**
 * An event of the log, as it is shown.
 *
 * @param id a number that rises from event to event
 * @param level {@code INFO}, {@code WARN} or {@code ERROR}
 * @param logger the class that said it
 * @param fields what belongs to it, by name
 */
public record LogLine(
    long id, Instant at, String level, String logger, String message, Map<String, String> fields) {

  public LogLine {
    fields = Map.copyOf(fields);
  }
}
