package io.weir.monitoring;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names on a page in Prometheus' text format.
 *
 * @param labels of each metric, as its type line names it; without {@code le} and {@code quantile}
 * @param series the names that samples have, such as {@code weir_request_seconds_bucket}
 */
record Exposition(Map<String, Set<String>> labels, Set<String> series) {

  private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? .*");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");

  static Exposition parse(String page) {
    Map<String, Set<String>> labels = new LinkedHashMap<>();
    Set<String> series = new LinkedHashSet<>();
    Set<String> ofFamily = new TreeSet<>();
    for (String line : page.lines().toList()) {
      Matcher sample = SAMPLE.matcher(line);
      if (line.startsWith("# TYPE ")) {
        ofFamily = new TreeSet<>();
        labels.put(line.split(" ", -1)[2], ofFamily);
      } else if (sample.matches()) {
        series.add(sample.group(1));
        addLabels(sample.group(2), ofFamily);
      }
    }
    return new Exposition(labels, series);
  }

  private static void addLabels(@Nullable String text, Set<String> labels) {
    Matcher label = LABEL.matcher(text == null ? "" : text);
    while (label.find()) {
      if (!label.group(1).equals("le") && !label.group(1).equals("quantile")) {
        labels.add(label.group(1));
      }
    }
  }
}
