package io.weir.registry;

import org.jspecify.annotations.Nullable;

/**
 * How a connection came in, which holds for all its requests.
 *
 * @param upstream the upstream whose own port it came to, or null for the shared one
 * @param isNear whether that port is on a loopback address
 * @param certificate the user whom its verified certificate names, or null
 */
record Entrance(@Nullable String upstream, boolean isNear, @Nullable String certificate) {

  /** The same door, for somebody who shows a certificate. */
  Entrance with(@Nullable String certificate) {
    return new Entrance(upstream, isNear, certificate);
  }
}
