package io.weir.registry;

import org.jspecify.annotations.Nullable;

/**
 * How a connection came in, which holds for all its requests.
 *
 * @param upstream the upstream whose own port it came to, or null for the shared one
 * @param isNear whether that port is on a loopback address
 * @param certificate the user whom its verified certificate names, or null
 * @param client where it comes from
 */
record Entrance(
    @Nullable String upstream, boolean isNear, @Nullable String certificate, Client client) {

  /**
   * Through a door, before anybody has come.
   *
   * @param upstream the upstream whose own port it is, or null for the shared one
   * @param isNear whether that port is on a loopback address
   */
  Entrance(@Nullable String upstream, boolean isNear) {
    this(upstream, isNear, null, Client.UNKNOWN);
  }

  /** The same door, for a connection of {@code client}, who may have shown a certificate. */
  Entrance with(@Nullable String certificate, Client client) {
    return new Entrance(upstream, isNear, certificate, client);
  }
}
