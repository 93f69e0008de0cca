package io.weir.admin;

import io.weir.integrity.Damage;
import io.weir.integrity.Scrub;
import io.weir.integrity.ScrubProgress;
import io.weir.integrity.ScrubResult;
import io.weir.oci.Origin;
import java.util.List;
import java.util.Optional;

/** Reads all that is stored, from the beginning, and says what is damaged. */
final class ScrubOperation implements Operation {

  /** So that a job that is remembered stays small. */
  private static final int LISTED_MAX = 1000;

  private final Scrub scrub;
  private final Scrub.Options options;
  private final ScrubProgress progress = new ScrubProgress();

  /**
   * What came of it.
   *
   * @param damaged what was damaged; a thousand at most
   * @param count how many that is
   * @param unrepaired how many of them have not been fetched anew
   * @param missing how many files were not there
   * @param complete false where it was cancelled
   */
  record Scrubbed(
      long bytes,
      long blobs,
      List<Damaged> damaged,
      long count,
      long unrepaired,
      long missing,
      boolean complete)
      implements Outcome {

    /** All of it but what was damaged. */
    record Summary(
        long bytes, long blobs, long count, long unrepaired, long missing, boolean complete) {}

    @Override
    public Summary summary() {
      return new Summary(bytes, blobs, count, unrepaired, missing, complete);
    }

    static Scrubbed of(ScrubResult result) {
      return new Scrubbed(
          result.bytes(),
          result.blobs(),
          result.damaged().stream().limit(LISTED_MAX).map(Damaged::of).toList(),
          result.damaged().size(),
          result.damaged().stream().filter(damage -> !damage.isMended()).count(),
          result.missing(),
          result.isComplete());
    }
  }

  /**
   * Content that was damaged, and was taken out of use.
   *
   * @param repositories that have it
   * @param reason what was wrong with it
   * @param unrepaired why it has not been fetched anew; empty where it has
   */
  record Damaged(
      String digest,
      long sizeBytes,
      List<String> repositories,
      String reason,
      Optional<String> unrepaired) {

    static Damaged of(Damage damage) {
      return new Damaged(
          damage.digest().toString(),
          damage.content().sizeBytes(),
          damage.origins().stream().map(Origin::toString).toList(),
          damage.reason(),
          Optional.ofNullable(damage.unmended()));
    }
  }

  ScrubOperation(Scrub scrub, Scrub.Options options) {
    this.scrub = scrub;
    this.options = options;
  }

  @Override
  public Scrubbed run() {
    return Scrubbed.of(scrub.run(options, progress));
  }

  @Override
  public Progress progress() {
    return new Progress(progress.bytes(), progress.total().bytes(), "bytes", false);
  }

  @Override
  public void cancel() {
    progress.cancel();
  }
}
