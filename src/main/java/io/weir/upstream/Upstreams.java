package io.weir.upstream;

import io.vertx.core.Vertx;
import io.weir.config.UpstreamConfig;
import io.weir.metrics.Metrics;
import io.weir.watch.FileWatch;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The upstreams in force, by name. The set may be replaced while requests are under way: whoever
 * has found an upstream goes on with it, and it is closed when nobody does any more. Thread-safe.
 */
public final class Upstreams implements AutoCloseable {

  private final Vertx vertx;
  private final FileWatch watch;
  private final InstantSource clock;
  private final Map<String, String> environment;
  private final Metrics metrics;

  private volatile Map<String, Upstream> byName = Map.of();

  /**
   * No upstreams yet; {@link #use} brings them.
   *
   * @param watch tells when the files of {@code upstreams.NAME.tls} have changed
   */
  public Upstreams(
      Vertx vertx,
      FileWatch watch,
      InstantSource clock,
      Map<String, String> environment,
      Metrics metrics) {
    this.vertx = vertx;
    this.watch = watch;
    this.clock = clock;
    this.environment = Map.copyOf(environment);
    this.metrics = metrics;
  }

  /**
   * Puts these in the place of those before. One whose configuration is as it was stays as it is,
   * with its tokens and connections, and reads its certificates again. Asks none of them anything.
   *
   * @throws IllegalArgumentException where a URL is none; then nothing changes
   */
  public synchronized void use(Collection<UpstreamConfig> configs) {
    Map<String, Upstream> before = byName;
    Map<String, Upstream> now = new HashMap<>();
    for (UpstreamConfig config : configs) {
      Upstream known = before.get(config.name());
      if (known != null && known.config().equals(config)) {
        now.put(config.name(), known); // Whether it is up is known, too.
      } else {
        now.put(config.name(), new Upstream(config, vertx, watch, clock, environment, metrics));
        metrics.declareUpstream(config.name());
      }
    }
    byName = Map.copyOf(now);
    now.values().forEach(Upstream::rereadTls);
    before.values().stream()
        .filter(upstream -> !now.containsValue(upstream))
        .forEach(Upstream::retire);
  }

  /** The upstream of that name, if there is one now. */
  public Optional<Upstream> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** What the rate limits of those are that have said so. */
  public Map<String, RateLimit> rateLimits() {
    Map<String, RateLimit> limits = new HashMap<>();
    byName.forEach((name, upstream) ->
        upstream.health().rateLimit().ifPresent(limit -> limits.put(name, limit)));
    return limits;
  }

  /** Closes every connection; what is under way fails. */
  @Override
  public void close() {
    byName.values().forEach(Upstream::close);
  }
}
