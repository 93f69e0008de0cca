package io.weir.testing;

import io.vertx.core.Vertx;
import io.weir.cache.Cache;
import io.weir.config.Config;
import io.weir.logging.AccessLog;
import io.weir.metrics.Metrics;
import io.weir.registry.RegistryServer;
import io.weir.retention.Space;
import io.weir.store.Store;
import io.weir.tracing.Tracing;
import io.weir.upstream.Upstreams;
import io.weir.watch.FileWatch;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/**
 * The way of a pull, on loopback and a free port, over room of which the test decides, where {@link
 * WeirServer} has that of the disk.
 */
public final class CacheServer implements AutoCloseable {

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final RegistryServer registry;

  private CacheServer(Config config, FakeClock clock, Space space) throws IOException {
    Metrics metrics = new Metrics("test");
    Vertx vertx = Vertx.vertx();
    open.push(() -> vertx.close().await());
    Store store = Store.open(config.store().path(), clock, clock);
    open.push(store);
    FileWatch watch = new FileWatch();
    open.push(watch);
    Upstreams upstreams = new Upstreams(vertx, watch, clock, Map.of(), metrics);
    open.push(upstreams);
    upstreams.use(config.upstreams().values());
    Cache cache = new Cache(config.cache(), store, space, upstreams, clock, metrics);
    open.push(cache);
    registry =
        new RegistryServer(config, cache, watch, clock, metrics, Tracing.OFF, AccessLog.NONE);
    open.push(registry);
    registry.start();
  }

  /** A server of this configuration that has this room, and nothing that makes more. */
  public static CacheServer start(WeirServer.Builder configured, FakeClock clock, Space space)
      throws IOException {
    return new CacheServer(configured.config(), clock, space);
  }

  public int port() {
    return registry.address().getPort();
  }

  @Override
  public void close() throws IOException {
    try {
      while (!open.isEmpty()) {
        open.pop().close();
      }
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
