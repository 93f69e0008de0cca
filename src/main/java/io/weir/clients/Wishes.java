package io.weir.clients;

import java.util.List;
import java.util.Optional;

/**
 * What the configuration of the server does not say about its clients.
 *
 * @param host how nodes reach the server, {@code HOST} or {@code HOST:PORT}; empty takes what the
 *     configuration says
 * @param machineName the name of the server's machine, for a listener that is everywhere
 * @param ca the certificates that nodes are to trust
 * @param onlyMirror whether nodes must never contact the source itself
 * @param upstreams names of upstreams; empty means all
 */
public record Wishes(
    Optional<String> host,
    String machineName,
    Optional<CaBundle> ca,
    boolean onlyMirror,
    List<String> upstreams) {

  public Wishes {
    upstreams = List.copyOf(upstreams);
  }
}
