package io.weir.integrity;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A scrub that came to the end, as it is remembered.
 *
 * @param endedAt when it ended
 * @param found all of it, also where a restart had cut it
 */
public record WholeScrub(Instant endedAt, ScrubCounts found) {

  /** Reads what {@link #toString} wrote; empty where it is nothing of that kind. */
  static Optional<WholeScrub> parse(String text) {
    List<String> words = List.of(text.split(" ", -1));
    try {
      Instant endedAt = Instant.ofEpochMilli(Long.parseLong(words.getFirst()));
      return ScrubCounts.parse(words.subList(1, words.size()))
          .map(found -> new WholeScrub(endedAt, found));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return endedAt.toEpochMilli() + " " + found;
  }
}
