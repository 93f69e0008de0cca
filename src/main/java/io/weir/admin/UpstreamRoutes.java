package io.weir.admin;

import io.weir.config.RetentionConfig;
import io.weir.config.UpstreamConfig;
import io.weir.metrics.Counts;
import io.weir.store.Usage;
import io.weir.upstream.CredentialStatus;
import io.weir.upstream.RateLimit;
import io.weir.upstream.UpstreamHealth;
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

  private static final String PATH = "/api/v1/upstreams";

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
   * @param requests how many clients have made since the start
   * @param sentBytes of bodies, to clients, since the start
   * @param receivedBytes of bodies, from there, since the start
   * @param rateLimitRemaining what its rate limit last left, if it said and the window still lasts
   * @param rateLimit what else it last said of it
   * @param lastError what last went wrong, also where all is well again
   * @param lastAnswer when it last answered
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
      long requests,
      long sentBytes,
      long receivedBytes,
      Optional<Long> rateLimitRemaining,
      Optional<RateLimit> rateLimit,
      Optional<UpstreamHealth.Failure> lastError,
      Optional<Instant> lastAnswer,
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

  /**
   * What came of asking one now.
   *
   * @param up whether it answers, and takes the credentials if there are any
   * @param seconds how long that took
   * @param problem why it is of no use; empty where it is
   */
  record Check(String name, boolean up, double seconds, Optional<String> problem) {}

  /** All of them, those of the configuration first. */
  record UpstreamList(List<Upstream> upstreams) {}

  UpstreamRoutes(Rooms rooms) {
    this.rooms = rooms;
  }

  List<Route> routes() {
    return List.of(
        Route.get(PATH, _ -> Reply.ok(new UpstreamList(all()))),
        Route.post(PATH + "/{name}/check", this::check));
  }

  /** In the order of the configuration; then, by name, those of which only content is left. */
  List<Upstream> all() {
    Map<String, UpstreamConfig> configured = rooms.config().get().upstreams();
    Map<String, Usage> stored = rooms.store().inventory().usageByUpstream();
    Map<String, Counts> counted = rooms.metrics().countsByUpstream();
    long capacityBytes = rooms.space().status().capacityBytes();
    Set<String> names = new LinkedHashSet<>(configured.keySet());
    names.addAll(new TreeSet<>(stored.keySet()));
    List<Upstream> upstreams = new ArrayList<>();
    for (String name : names) {
      Optional<RetentionConfig> retention =
          Optional.ofNullable(configured.get(name)).map(UpstreamConfig::retention);
      Usage usage = stored.getOrDefault(name, Usage.NONE);
      Counts counts = counted.getOrDefault(name, Counts.NONE);
      var client = rooms.upstreams().apply(name);
      Optional<UpstreamHealth> health = client.map(asked -> asked.health());
      upstreams.add(
          new Upstream(
              name,
              configured.containsKey(name),
              configured.containsKey(name) && rooms.metrics().isUpstreamUp(name),
              usage.bytes(),
              usage.blobs(),
              retention.flatMap(RetentionConfig::maxSize).map(size -> size.of(capacityBytes)),
              retention.map(RetentionConfig::ttl).filter(ttl -> !ttl.isZero()),
              counts.requests(),
              counts.sentBytes(),
              counts.receivedBytes(),
              health.flatMap(UpstreamHealth::rateLimit).flatMap(RateLimit::remaining),
              health.flatMap(UpstreamHealth::rateLimit),
              health.flatMap(UpstreamHealth::lastError),
              health.flatMap(UpstreamHealth::lastAnswer),
              client.flatMap(asked -> asked.credentials()).map(Credentials::of)));
    }
    return upstreams;
  }

  /** Asks within the time limits of its configuration; if it answers, pulls go on at once. */
  private Reply check(Request request) {
    String name = request.variable("name");
    var asked =
        rooms
            .upstreams()
            .apply(name)
            .orElseThrow(() ->
                new Refusal(
                    404, "no such upstream is configured; GET %s lists all".formatted(PATH)));
    long begun = System.nanoTime();
    Optional<String> problem = asked.check();
    if (problem.isEmpty()) {
      rooms.answersAgain().accept(name);
    }
    double seconds = Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1000.0;
    return Reply.ok(new Check(name, problem.isEmpty(), seconds, problem));
  }
}
