package io.weir.cli;

import io.weir.config.ConfigException;
import io.weir.config.ConfigLoader;
import io.weir.config.ConfigLoader.Loaded;
import io.weir.config.Overrides;
import io.weir.config.Surroundings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --config}, for each command that needs the configuration. */
final class ConfigOption {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The configuration. Otherwise $WEIR_CONFIG, ./weir.yaml, /etc/weir/weir.yaml, the"
              + " defaults.")
  private @Nullable Path file;

  /**
   * Reads the configuration.
   *
   * @throws ConfigException where it cannot be used
   */
  Loaded load(Map<String, String> environment, Overrides overrides) {
    return new ConfigLoader(Surroundings.ofProcess(environment))
        .load(Optional.ofNullable(file), overrides);
  }
}
