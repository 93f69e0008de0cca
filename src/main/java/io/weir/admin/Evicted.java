package io.weir.admin;

import io.weir.oci.Tag;
import io.weir.retention.Departure;
import io.weir.retention.Report;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What left the store, or would, as the API tells it.
 *
 * @param dryRun whether nothing has happened
 * @param images those that left, in their order; a thousand at most
 * @param count how many they are
 * @param freedBytes what nothing else needed
 * @param freedBlobs how many files that is
 * @param complete false where a dry run stopped looking before the end
 */
record Evicted(
    boolean dryRun,
    List<Image> images,
    long count,
    long freedBytes,
    long freedBlobs,
    boolean complete)
    implements Operation.Outcome {

  /** So that a job that is remembered stays small. */
  private static final int LISTED_MAX = 1000;

  /** One of them; see {@link Departure}. */
  record Image(
      String reference,
      String upstream,
      String repository,
      List<String> tags,
      String digest,
      Instant lastPull,
      String reason,
      long freedBytes) {}

  /** All of it but the images. */
  record Summary(boolean dryRun, long count, long freedBytes, long freedBlobs, boolean complete) {}

  @Override
  public Summary summary() {
    return new Summary(dryRun, count, freedBytes, freedBlobs, complete);
  }

  static Evicted of(Report report, boolean dryRun, InstantSource clock) {
    Instant now = clock.instant();
    return new Evicted(
        dryRun,
        report.departures().stream().limit(LISTED_MAX).map(gone -> image(gone, now)).toList(),
        report.departures().size(),
        report.freedBytes(),
        report.freedBlobs(),
        report.isComplete());
  }

  private static Image image(Departure departure, Instant now) {
    return new Image(
        ImageName.of(departure.origin(), departure.tags(), departure.digest()),
        departure.origin().upstream(),
        departure.origin().repository().name(),
        departure.tags().stream().map(Tag::name).toList(),
        departure.digest().toString(),
        now.minus(departure.idle()).truncatedTo(ChronoUnit.SECONDS),
        departure.reason().label(),
        departure.freedBytes());
  }
}
