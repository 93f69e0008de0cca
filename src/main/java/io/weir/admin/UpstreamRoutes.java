package io.weir.admin;

import io.weir.config.RetentionConfig;
import io.weir.config.UpstreamConfig;
import io.weir.store.Usage;
import io.weir.upstream.CredentialStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Who the server stands in front of, and what is stored of each. */
final class UpstreamRoutes {

  private final Rooms rooms;

  /**
   * An upstream.
   *
   * @param name as it is configured; {@code -} for files of which nobody knows where they belong
   * @param configured false where it is not any more, but some of it is still stored
   * @param up whether it answered when it was last asked
   * @param bytes what is stored of it; what upstreams share counts for each
   * @param blobs how many files that is
   * @param limitBytes what may be stored of it, if that is limited
   * @param ttl how long after its last pull an image of it stays, if not for ever
   * @param rateLimitRemaining what its rate limit last left, if it said
   * @param credentials who the server is there, if anybody
   */
  record Upstream(
      String name,
      boolean configured,
      boolean up,
      long bytes,
      long blobs,
      Optional<Long> limitBytes,
      Optional<Duration> ttl,
      Optional<Long> rateLimitRemaining,
      Optional<Credentials> credentials) {}

  /** See {@link CredentialStatus}. */
  record Credentials(
      String source,
      Optional<String> username,
      Optional<Instant> since,
      Optional<Instant> until,
      Optional<String> failure,
      Optional<Instant> failed) {

    static Credentials of(CredentialStatus status) {
      return new Credentials(
          status.source(),
          status.username(),
          status.since(),
          status.until(),
          status.failure().map(CredentialStatus.Failure::reason),
          status.failure().map(CredentialStatus.Failure::at));
    }
  }

  /** All of them, those of the configuration first. */
  record UpstreamList(List<Upstream> upstreams) {}

  UpstreamRoutes(Rooms rooms) {
    this.rooms = rooms;
  }

  List<Route> routes() {
    return List.of(Route.get("/api/v1/upstreams", _ -> Reply.ok(new UpstreamList(all()))));
  }

  /** In the order of the configuration; then, by name, those of which only content is left. */
  List<Upstream> all() {
    Map<String, UpstreamConfig> configured = rooms.config().get().upstreams();
    Map<String, Usage> stored = rooms.store().inventory().usageByUpstream();
    long capacityBytes = rooms.space().status().capacityBytes();
    Set<String> names = new LinkedHashSet<>(configured.keySet());
    names.addAll(new TreeSet<>(stored.keySet()));
    List<Upstream> upstreams = new ArrayList<>();
    for (String name : names) {
      Optional<RetentionConfig> retention =
          Optional.ofNullable(configured.get(name)).map(UpstreamConfig::retention);
      Usage usage = stored.getOrDefault(name, Usage.NONE);
      upstreams.add(
          new Upstream(
              name,
              configured.containsKey(name),
              configured.containsKey(name) && rooms.metrics().isUpstreamUp(name),
              usage.bytes(),
              usage.blobs(),
              retention.flatMap(RetentionConfig::maxSize).map(size -> size.of(capacityBytes)),
              retention.map(RetentionConfig::ttl).filter(ttl -> !ttl.isZero()),
              rooms.metrics().rateLimitRemaining(name),
              rooms.credentials().apply(name).map(Credentials::of)));
    }
    return upstreams;
  }
}
