package io.weir;

import io.vertx.core.Vertx;
import io.weir.admin.AdminServer;
import io.weir.admin.Rooms;
import io.weir.cache.Cache;
import io.weir.config.Address;
import io.weir.config.Config;
import io.weir.integrity.Reconciliation;
import io.weir.integrity.Scrub;
import io.weir.logging.AccessLog;
import io.weir.logging.RecentLog;
import io.weir.metrics.Metrics;
import io.weir.metrics.RateLimitFigures;
import io.weir.metrics.ScrubFigures;
import io.weir.metrics.StoreFigures;
import io.weir.registry.RegistryServer;
import io.weir.retention.DiskSpace;
import io.weir.retention.DiskStatus;
import io.weir.store.Inventory;
import io.weir.store.Store;
import io.weir.store.Uptime;
import io.weir.store.Usage;
import io.weir.tracing.Tracing;
import io.weir.upstream.Upstreams;
import io.weir.warm.Warmer;
import io.weir.watch.FileWatch;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running server: builds the rooms in order, hands them to each other, and takes them down in
 * reverse.
 *
 * <p>Everything that lives is a field or a local here; there is no static state, so a process may
 * hold several.
 */
public final class Weir implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Weir.class);

  private final FileWatch watch;
  private final Upstreams upstreams;
  private final DiskSpace space;
  private final Cache cache;
  private final RegistryServer registry;
  private final AdminServer admin;
  private final Reconciliation reconciliation;
  private final Scrub scrub;
  private final Deque<AutoCloseable> open;
  private final AtomicReference<Config> config;

  private Weir(
      AtomicReference<Config> config,
      FileWatch watch,
      Upstreams upstreams,
      DiskSpace space,
      Cache cache,
      RegistryServer registry,
      AdminServer admin,
      Reconciliation reconciliation,
      Scrub scrub,
      Deque<AutoCloseable> open) {
    this.config = config;
    this.watch = watch;
    this.upstreams = upstreams;
    this.space = space;
    this.cache = cache;
    this.registry = registry;
    this.admin = admin;
    this.reconciliation = reconciliation;
    this.scrub = scrub;
    this.open = open;
  }

  /**
   * Starts a server; on return it answers pulls. No upstream is contacted: it starts with the
   * network down.
   *
   * @param environment the process's environment: proxies, secrets, where traces go
   * @param preparation what was begun before; it is closed with the server, or where that does not
   *     start
   * @param accessLog where it is written what became of each request
   * @throws IOException where the store cannot be opened or an address not be bound; the message
   *     says what to do
   */
  public static Weir start(
      Config config, Map<String, String> environment, Preparation preparation, AccessLog accessLog)
      throws IOException {
    return start(
        config, InstantSource.system(), Uptime.ofMachine(), environment, preparation, accessLog);
  }

  /**
   * Starts a server by another clock.
   *
   * @param clock what time it is: how old tags are, when tokens end
   * @param uptime how time passes: how long ago something was pulled
   * @see #start(Config, Map, Preparation, AccessLog)
   */
  public static Weir start(
      Config config,
      InstantSource clock,
      Uptime uptime,
      Map<String, String> environment,
      Preparation preparation,
      AccessLog accessLog)
      throws IOException {
    Deque<AutoCloseable> open = new ArrayDeque<>();
    open.push(preparation);
    try {
      Metrics metrics = new Metrics(Version.current());
      Tracing tracing = opened(open, Tracing.start(config.tracing(), environment));
      if (tracing.isOn()) {
        metrics.observeTraces(tracing::lostSpans);
      }
      Store store = opened(open, Store.open(config.store().path(), clock, uptime));
      DiskSpace space = opened(open, new DiskSpace(store, config, clock, uptime, metrics));
      RecentLog log = opened(open, RecentLog.begin());
      metrics.observeLog(accessLog::lostLines);
      Vertx vertx = preparation.vertx();
      FileWatch watch = opened(open, new FileWatch());
      Upstreams upstreams = opened(open, new Upstreams(vertx, watch, clock, environment, metrics));
      upstreams.use(config.upstreams().values());
      Cache cache =
          opened(open, new Cache(config.cache(), store, space, upstreams, clock, metrics));
      cache.verifyOnRead(config.scrub().verifyOnRead());
      store.inventory().onRemoval(cache::forget);
      RegistryServer registry =
          opened(
              open, new RegistryServer(config, cache, watch, clock, metrics, tracing, accessLog));
      registry.start();
      Reconciliation reconciliation = opened(open, new Reconciliation(store, clock, metrics));
      Scrub scrub =
          opened(
              open,
              new Scrub(
                  config.scrub(),
                  store,
                  reconciliation,
                  new CacheRepair(cache, tracing),
                  clock,
                  metrics));
      observe(store.inventory(), space, cache, scrub, metrics);
      metrics.observeRateLimits(() -> rateLimits(upstreams));
      metrics.observeReadiness(() -> registry.obstacle().isEmpty());
      AtomicReference<Config> inForce = new AtomicReference<>(config);
      Rooms rooms =
          new Rooms(
              Version.current(),
              clock.instant(),
              clock,
              inForce::get,
              metrics,
              store,
              space,
              reconciliation,
              scrub,
              new CacheTraffic(cache, registry),
              log,
              upstreams::find,
              cache::forgetFailures,
              new Warmer(cache, inForce::get, tracing));
      AdminServer admin =
          opened(open, new AdminServer(vertx, config.admin(), registry::obstacle, rooms));
      admin.start();
      store.onRecovery(reconciliation::again);
      reconciliation.start();
      scrub.start();
      space.start();
      watch.start();
      return new Weir(
          inForce, watch, upstreams, space, cache, registry, admin, reconciliation, scrub, open);
    } catch (IOException | RuntimeException e) {
      closeAll(open, e);
      throw e;
    }
  }

  /**
   * Whether a server could start with {@code config}, as far as its files tell.
   *
   * @return what it would start with all the same, and a user should know
   * @throws io.weir.config.ConfigException where a file of it cannot be used
   */
  public static List<String> check(Config config, Instant now) {
    return RegistryServer.check(config, now);
  }

  private static void observe(
      Inventory inventory, DiskSpace space, Cache cache, Scrub scrub, Metrics metrics) {
    metrics.observeStore(
        () -> figures(space.status()),
        () -> eachOf(inventory, Usage::bytes),
        () -> eachOf(inventory, Usage::blobs));
    metrics.observeFetches(() ->
        cache.fetches().stream()
            .collect(
                Collectors.groupingBy(fetch -> fetch.origin().upstream(), Collectors.counting())));
    metrics.observeRetention(space.retention()::lastRun);
    metrics.observeScrub(() ->
        scrub
            .lastWhole()
            .map(last ->
                new ScrubFigures(
                    last.endedAt(),
                    last.found().bytes(),
                    last.found().damaged(),
                    last.found().missing())));
  }

  private static Map<String, RateLimitFigures> rateLimits(Upstreams upstreams) {
    Map<String, RateLimitFigures> figures = new HashMap<>();
    upstreams
        .rateLimits()
        .forEach((name, limit) ->
            figures.put(
                name, new RateLimitFigures(limit.limit(), limit.remaining(), limit.window())));
    return figures;
  }

  private static StoreFigures figures(DiskStatus status) {
    return new StoreFigures(
        status.usedBytes(),
        status.limitBytes(),
        status.capacityBytes(),
        status.availableBytes(),
        status.isFull(),
        status.secondsUntilFull());
  }

  private static Map<String, Long> eachOf(Inventory inventory, ToLongFunction<Usage> figure) {
    Map<String, Long> figures = new HashMap<>();
    inventory
        .usageByUpstream()
        .forEach((upstream, usage) -> figures.put(upstream, figure.applyAsLong(usage)));
    return figures;
  }

  private static <T extends AutoCloseable> T opened(Deque<AutoCloseable> open, T room) {
    open.push(room);
    return room;
  }

  /** Where pulls are answered. */
  public InetSocketAddress registryAddress() {
    return registry.address();
  }

  /** Where pulls of upstreams with a port of their own are answered. */
  public Map<String, InetSocketAddress> upstreamAddresses() {
    return registry.ownAddresses();
  }

  /** What compares the index with the files. */
  public Reconciliation reconciliation() {
    return reconciliation;
  }

  /** What verifies stored content. */
  public Scrub scrub() {
    return scrub;
  }

  /** What notices that files have changed. */
  public FileWatch watch() {
    return watch;
  }

  /** Where health and metrics are answered. */
  public InetSocketAddress adminAddress() {
    return admin.address();
  }

  /**
   * Goes on by another configuration. Upstreams, their tag freshness, the default upstream and who
   * may pull what change for requests that come from now on, certificates for connections that do,
   * limits and ages also for what is stored, the scrub at once; what is under way ends as it began.
   * Addresses, the token of the admin listener, the store's path, {@code cache} and {@code tracing}
   * stay as they are until the next start.
   *
   * @return the keys that differ and wait for the next start
   * @throws io.weir.config.ConfigException where a file of it cannot be used; nothing has changed
   *     then
   */
  public List<String> reload(Config next) {
    List<String> waiting = new ArrayList<>();
    Config now = config.get();
    if (!now.registry().listen().equals(next.registry().listen())) {
      waiting.add("registry.listen");
    }
    if (!now.admin().equals(next.admin())) {
      waiting.add("admin");
    }
    if (!now.store().path().equals(next.store().path())) {
      waiting.add("store.path");
    }
    if (!now.cache().equals(next.cache())) {
      waiting.add("cache");
    }
    if (!now.tracing().equals(next.tracing())) {
      waiting.add("tracing");
    }
    if (!ownListeners(now).equals(ownListeners(next))) {
      waiting.add("upstreams.NAME.listen");
    }
    registry.use(next);
    upstreams.use(next.upstreams().values());
    space.use(next);
    cache.reconfigured();
    cache.verifyOnRead(next.scrub().verifyOnRead());
    scrub.use(next.scrub());
    config.set(next);
    return waiting;
  }

  private static Map<String, Address> ownListeners(Config config) {
    Map<String, Address> listeners = new HashMap<>();
    config
        .upstreams()
        .forEach((name, upstream) ->
            upstream.listen().ifPresent(address -> listeners.put(name, address)));
    return listeners;
  }

  /**
   * Takes no new connection, and waits until running answers have ended or the configured grace is
   * over.
   */
  public void drain() throws InterruptedException {
    Duration grace = config.get().registry().shutdownGrace();
    if (!registry.drain(grace)) {
      LOG.warn("answers were still under way after {}; they are cut", grace);
    }
  }

  @Override
  public void close() {
    RuntimeException failure = new IllegalStateException("the server did not close well");
    closeAll(open, failure);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }

  private static void closeAll(Deque<AutoCloseable> open, Throwable failure) {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
  }
}
