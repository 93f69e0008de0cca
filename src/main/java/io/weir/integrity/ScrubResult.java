package io.weir.integrity;

import java.time.Instant;
import java.util.List;

/**
 * What a scrub found; one in the background since the start of the server.
 *
 * @param endedAt when it ended
 * @param bytes how many bytes it read
 * @param blobs how many manifests and blobs it looked at
 * @param damaged what it took out of use, or tried to
 * @param missing how many files were not there, although the index knew of them
 * @param isComplete whether it came to the end; otherwise it was cancelled
 * @param whole the same in numbers, with what it had found before a restart cut it
 */
public record ScrubResult(
    Instant endedAt,
    long bytes,
    long blobs,
    List<Damage> damaged,
    long missing,
    boolean isComplete,
    ScrubCounts whole) {

  public ScrubResult {
    damaged = List.copyOf(damaged);
  }

  /** Whether nothing is wrong any more. */
  public boolean isSound() {
    return damaged.stream().allMatch(Damage::isMended);
  }
}
