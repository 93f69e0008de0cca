package io.weir.config;

import java.util.List;

/**
 * A configuration that cannot be used. Its message is for the user: every problem on a line of its
 * own, and no secret.
 */
public final class ConfigException extends RuntimeException {

  private final List<String> problems;

  public ConfigException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /**
   * All problems at once, in the order of the file's lines: {@code weir.yaml:3: registry.listen:
   * expected … (got …); did you mean …?}
   */
  public List<String> problems() {
    return problems;
  }
}
