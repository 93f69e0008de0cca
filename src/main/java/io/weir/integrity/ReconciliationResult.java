package io.weir.integrity;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What differed between the files and the index, and does no more.
 *
 * @param endedAt when that was found
 * @param took how long it took
 * @param lost how many files were not there, although the index knew of them
 * @param damaged files whose length was wrong; they were taken out of use
 * @param adopted how many files were there of which the index knew nothing
 * @param strangers how many files have names that are no digests; they stay
 * @param spareBytes how many bytes of half-fetched blobs and of files in quarantine were deleted,
 *     because they were too old
 * @param isComplete whether it came to the end; otherwise it was cancelled, or the disk failed
 */
public record ReconciliationResult(
    Instant endedAt,
    Duration took,
    long lost,
    List<Damage> damaged,
    long adopted,
    long strangers,
    long spareBytes,
    boolean isComplete) {

  public ReconciliationResult {
    damaged = List.copyOf(damaged);
  }

  /** Whether nothing differed. */
  public boolean isClean() {
    return lost == 0 && damaged.isEmpty() && adopted == 0;
  }
}
