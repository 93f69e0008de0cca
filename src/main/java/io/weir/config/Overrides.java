package io.weir.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the command line says against the file.
 *
 * @param listen {@code --listen}: replaces {@code registry.listen}
 * @param admin {@code --admin}: replaces {@code admin.listen}
 * @param data {@code --data}: replaces {@code store.path}
 * @param upstreams {@code --upstream NAME[=URL]}: each adds an upstream, or gives a listed one
 *     another URL
 */
public record Overrides(
    Optional<String> listen, Optional<String> admin, Optional<Path> data, List<String> upstreams) {

  public static final Overrides NONE =
      new Overrides(Optional.empty(), Optional.empty(), Optional.empty(), List.of());

  public Overrides {
    upstreams = List.copyOf(upstreams);
  }
}
