package io.weir.integrity;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a pass found, in numbers.
 *
 * @param bytes how many bytes it read
 * @param blobs how many manifests and blobs it looked at
 * @param damaged how many it took out of use, or tried to
 * @param unmended how many of these were not fetched anew
 * @param missing how many files were not there, although the index knew of them
 */
public record ScrubCounts(long bytes, long blobs, long damaged, long unmended, long missing) {

  /** Nothing yet. */
  static final ScrubCounts NONE = new ScrubCounts(0, 0, 0, 0, 0);

  ScrubCounts plus(ScrubCounts other) {
    return new ScrubCounts(
        bytes + other.bytes,
        blobs + other.blobs,
        damaged + other.damaged,
        unmended + other.unmended,
        missing + other.missing);
  }

  /** Reads the words that {@link #toString} wrote; empty where they are nothing of that kind. */
  static Optional<ScrubCounts> parse(List<String> words) {
    if (words.size() != 5) {
      return Optional.empty();
    }
    try {
      long[] counts = words.stream().mapToLong(Long::parseLong).toArray();
      return Optional.of(new ScrubCounts(counts[0], counts[1], counts[2], counts[3], counts[4]));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return String.join(
        " ", Stream.of(bytes, blobs, damaged, unmended, missing).map(String::valueOf).toList());
  }
}
