package io.weir.retention;

import java.util.List;

/**
 * What an eviction did, or would do.
 *
 * @param departures the images, in the order in which they leave
 * @param freedBytes all together
 * @param freedBlobs how many files that is
 * @param isComplete false where a dry run ended before all that would leave was found
 */
public record Report(
    List<Departure> departures, long freedBytes, long freedBlobs, boolean isComplete) {

  public Report {
    departures = List.copyOf(departures);
  }
}
