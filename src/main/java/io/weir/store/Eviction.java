package io.weir.store;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Images on their way out, inside one transaction. Confined to the index's thread. */
public interface Eviction {

  /**
   * Images by their last pull, the longest ago first.
   *
   * @param after only those behind this one; null for the first
   */
  List<Candidate> oldest(@Nullable Candidate after, int max) throws IOException;

  /** Takes one out, with all files that nothing else needs. */
  Removed remove(Candidate image) throws IOException;

  /** What is stored now. */
  Usage usage() throws IOException;

  /** What is stored now of one upstream. */
  Usage usage(String upstream) throws IOException;

  /** Forgets repositories that hold nothing, and lists of theirs older than {@code documentsAt}. */
  void removeEmptyRepositories(Instant documentsAt) throws IOException;
}
