package io.weir.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The effective configuration of one server.
 *
 * @param registry the listener that answers pulls
 * @param admin the listener for operators
 * @param store where bytes are kept
 * @param cache how fetches behave
 * @param tags tag freshness for upstreams that say nothing else
 * @param upstreams the registries in front of which this server stands, by name, in the order of
 *     the file
 */
public record Config(
    Registry registry,
    Admin admin,
    Store store,
    Cache cache,
    TagsConfig tags,
    Map<String, UpstreamConfig> upstreams) {

  public Config {
    upstreams = Collections.unmodifiableMap(new LinkedHashMap<>(upstreams));
  }

  /**
   * The listener that answers pulls.
   *
   * @param listen the address that all upstreams share
   * @param defaultUpstream the upstream of a request that names none; empty refuses such requests
   * @param shutdownGrace how long running transfers may go on after SIGTERM
   */
  public record Registry(
      Address listen, Optional<String> defaultUpstream, Duration shutdownGrace) {}

  /**
   * The listener for operators.
   *
   * @param listen the address of health, metrics and API
   */
  public record Admin(Address listen) {}

  /**
   * Where bytes are kept.
   *
   * @param path the folder of the store
   */
  public record Store(Path path) {}

  /**
   * How fetches behave.
   *
   * @param abandoned what becomes of a fetch that every client has left
   */
  public record Cache(Abandoned abandoned) {}

  /** What becomes of a fetch that every client has left. */
  public enum Abandoned {
    FINISH,
    STOP
  }
}
