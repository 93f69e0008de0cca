package io.weir.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.Assertions;

/** Reads configurations as a user without root who keeps them in /etc/weir. */
final class Parsing {

  private static final Surroundings SURROUNDINGS =
      new Surroundings(Map.of(), Path.of("/srv"), Path.of("/home/user"), false);

  private Parsing() {}

  static Config parse(String yaml) {
    return parse(yaml, Overrides.NONE);
  }

  static Config parse(String yaml, Overrides overrides) {
    return new ConfigLoader(SURROUNDINGS).parse(yaml, "weir.yaml", Path.of("/etc/weir"), overrides);
  }

  static UpstreamConfig upstream(Config config, String name) {
    return Objects.requireNonNull(config.upstreams().get(name), name);
  }

  /** What is said of a configuration that has to be refused. */
  static List<String> problems(String yaml) {
    return problems(yaml, Overrides.NONE);
  }

  static List<String> problems(String yaml, Overrides overrides) {
    return Assertions.catchThrowableOfType(ConfigException.class, () -> parse(yaml, overrides))
        .problems();
  }
}
