package io.weir.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What of the process the configuration depends on.
 *
 * @param variables the environment
 * @param workingDirectory what relative paths of the command line are relative to
 * @param home the user's folder
 * @param superuser whether the user is root
 */
public record Surroundings(
    Map<String, String> variables, Path workingDirectory, Path home, boolean superuser) {

  public Surroundings {
    variables = Map.copyOf(variables);
  }

  /** Those of this process, with the given environment. */
  public static Surroundings ofProcess(Map<String, String> variables) {
    String home =
        Optional.ofNullable(variables.get("HOME")).orElse(System.getProperty("user.home"));
    return new Surroundings(
        variables,
        Path.of("").toAbsolutePath(),
        Path.of(home),
        System.getProperty("user.name").equals("root"));
  }

  /** The value of a variable that is set and not empty. */
  Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
  }

  /**
   * Where bytes are kept if nobody says: {@code /var/lib/weir} as root, otherwise below the user's
   * data folder of the XDG base directory specification.
   */
  Path defaultStore() {
    if (superuser) {
      return Path.of("/var/lib/weir");
    }
    // The specification: a relative XDG_DATA_HOME is to be ignored.
    return variable("XDG_DATA_HOME")
        .map(Path::of)
        .filter(Path::isAbsolute)
        .orElse(home.resolve(".local/share"))
        .resolve("weir");
  }
}
