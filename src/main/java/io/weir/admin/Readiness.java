package io.weir.admin;

import java.util.Optional;

/** Whether the server can answer pulls. Asked on an event loop, so it does not block. */
@FunctionalInterface
public interface Readiness {

  /** What stands in the way, such as {@code draining}; empty where nothing does. */
  Optional<String> obstacle();
}
