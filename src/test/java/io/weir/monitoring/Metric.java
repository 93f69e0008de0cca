package io.weir.monitoring;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds metrics in PromQL, as far as our own expressions go. */
final class Metric {

  /** The names that we ask for, and what stands in braces behind them. */
  private static final Pattern SELECTOR =
      Pattern.compile(
          "(?<![\\w:])((?:weir|jvm|process)_\\w+|job_instance_upstream:[\\w:]+|up)(?![\\w:(])"
              + "(\\{[^}]*})?");

  private Metric() {}

  /** The selectors of an expression, such as {@code up{job="weir"}}, without ranges. */
  static Set<String> selectors(String expression) {
    Set<String> selectors = new LinkedHashSet<>();
    Matcher matcher = SELECTOR.matcher(expression);
    while (matcher.find()) {
      selectors.add(matcher.group());
    }
    return selectors;
  }

  /** The names of the metrics that an expression asks for. */
  static Set<String> names(String expression) {
    Set<String> names = new LinkedHashSet<>();
    Matcher matcher = SELECTOR.matcher(expression);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }
}
