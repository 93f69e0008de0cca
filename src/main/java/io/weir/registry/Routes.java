package io.weir.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/**
 * What requests want, by one configuration. What was read of late is remembered: all nodes of a
 * cluster ask for the same. Thread-safe.
 */
final class Routes {

  private static final int REMEMBERED_BYTES_MAX = 4 << 20;
  private static final int OVERHEAD_BYTES = 500;

  private record Asked(@Nullable String listener, @Nullable String host, String uri) {}

  /** What a request wants, and how it was said. */
  record Route(Query query, Target target) {}

  private final Addressing addressing;
  private final Cache<Asked, Route> remembered =
      Caffeine.newBuilder()
          .maximumWeight(REMEMBERED_BYTES_MAX)
          .weigher((Asked asked, Route _) -> 2 * asked.uri().length() + OVERHEAD_BYTES)
          .executor(Runnable::run)
          .build();

  Routes(Addressing addressing) {
    this.addressing = addressing;
  }

  /** What was read before; null where nothing was. */
  @Nullable Route recall(@Nullable String listener, @Nullable String host, String uri) {
    return remembered.getIfPresent(new Asked(listener, host, uri));
  }

  /**
   * Reads the rest of a request whose query and path have been read.
   *
   * @throws io.weir.oci.OciException where it names nothing that is served here
   */
  Route read(
      @Nullable String listener, @Nullable String host, String uri, Query query, RequestPath path) {
    Route route = new Route(query, addressing.resolve(listener, host, query.namespaces(), path));
    remembered.put(new Asked(listener, host, uri), route);
    return route;
  }
}
