package io.weir.admin;

import io.weir.integrity.ReconciliationResult;
import io.weir.integrity.ScrubCounts;
import io.weir.integrity.WholeScrub;
import io.weir.metrics.CertificateUse;
import io.weir.metrics.Counts;
import io.weir.retention.DiskStatus;
import io.weir.store.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How the server is, on one page. */
final class StatusRoutes {

  private final Rooms rooms;
  private final Readiness readiness;
  private final UpstreamRoutes upstreams;

  /**
   * The page.
   *
   * @param version of the server
   * @param started when it began
   * @param uptime how long ago that is, to the second
   * @param obstacle why it cannot answer pulls; empty where it can
   * @param transfers answers that are on their way to clients
   * @param certificateExpires when the certificate that clients are shown does; empty without TLS
   * @param lastScrub the last one that came to the end; empty where none has
   * @param lastReconciliation empty where none has ended since the start
   */
  record Status(
      String version,
      Instant started,
      Duration uptime,
      Optional<String> obstacle,
      Store store,
      Requests requests,
      long transfers,
      Optional<Instant> certificateExpires,
      List<UpstreamRoutes.Upstream> upstreams,
      Optional<LastScrub> lastScrub,
      Optional<LastReconciliation> lastReconciliation) {}

  /**
   * What is stored, and what may be; see {@link DiskStatus}.
   *
   * @param fullIn when the limit is reached as the store has grown lately; empty where it does not
   *     grow, or nobody knows yet
   */
  record Store(
      String path,
      long bytes,
      long blobs,
      long usedBytes,
      long limitBytes,
      long capacityBytes,
      long availableBytes,
      long minFreeBytes,
      boolean full,
      Optional<Duration> fullIn) {}

  /**
   * What was asked since the start.
   *
   * @param hits how many were answered from the store
   * @param hitRatio 0 to 1: hits in all that did not end as errors; empty where there were none
   * @param byOutcome how many there were of each, by the outcomes of {@code weir_requests_total}
   * @param sentBytes of bodies, to clients
   * @param receivedBytes of bodies, from upstreams
   * @param savedRequests those that no upstream had to answer; may be below zero, as {@code
   *     savedBytes} may
   */
  record Requests(
      long total,
      long hits,
      Optional<Double> hitRatio,
      Map<String, Long> byOutcome,
      long sentBytes,
      long receivedBytes,
      long savedRequests,
      long savedBytes) {}

  /** See {@link WholeScrub}. */
  record LastScrub(
      Instant ended, long bytes, long blobs, long damaged, long unrepaired, long missing) {

    static LastScrub of(WholeScrub scrub) {
      ScrubCounts found = scrub.found();
      return new LastScrub(
          scrub.endedAt(),
          found.bytes(),
          found.blobs(),
          found.damaged(),
          found.unmended(),
          found.missing());
    }
  }

  /**
   * See {@link ReconciliationResult}; {@code damaged} is how many, {@code seconds} how long it
   * took.
   */
  record LastReconciliation(
      Instant ended, double seconds, long lost, long damaged, long adopted, boolean complete) {

    static LastReconciliation of(ReconciliationResult result) {
      return new LastReconciliation(
          result.endedAt(),
          result.took().toMillis() / 1000.0,
          result.lost(),
          result.damaged().size(),
          result.adopted(),
          result.isComplete());
    }
  }

  StatusRoutes(Rooms rooms, Readiness readiness, UpstreamRoutes upstreams) {
    this.rooms = rooms;
    this.readiness = readiness;
    this.upstreams = upstreams;
  }

  List<Route> routes() {
    return List.of(Route.get("/api/v1/status", _ -> Reply.ok(status())));
  }

  /** How it is now. */
  Status status() {
    Counts counts = rooms.metrics().counts();
    return new Status(
        rooms.version(),
        rooms.started(),
        Duration.between(rooms.started(), rooms.clock().instant()).truncatedTo(ChronoUnit.SECONDS),
        readiness.obstacle(),
        store(),
        new Requests(
            counts.requests(),
            counts.hits(),
            counts.hitRatio(),
            counts.byOutcome(),
            counts.sentBytes(),
            counts.receivedBytes(),
            counts.savedRequests(),
            counts.savedBytes()),
        counts.transfers(),
        rooms.metrics().certificateExpiry(CertificateUse.SERVER),
        upstreams.all(),
        rooms.scrub().lastWhole().map(LastScrub::of),
        rooms.reconciliation().last().map(LastReconciliation::of));
  }

  private Store store() {
    Path path = rooms.config().get().store().path();
    Usage usage = rooms.store().inventory().usage();
    DiskStatus disk = rooms.space().status();
    return new Store(
        path.toString(),
        usage.bytes(),
        usage.blobs(),
        disk.usedBytes(),
        disk.limitBytes(),
        disk.capacityBytes(),
        disk.availableBytes(),
        disk.minFreeBytes(),
        disk.isFull(),
        disk.secondsUntilFull().stream()
            .filter(Double::isFinite)
            .mapToObj(seconds -> Duration.ofSeconds((long) seconds))
            .findFirst());
  }
}
