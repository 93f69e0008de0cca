package io.weir.retention;

import io.weir.store.Candidate;
import io.weir.store.Eviction;
import java.io.IOException;
import java.util.Optional;

/** What an eviction is for. Asked for one image after another, the longest unpulled first. */
interface Goal {

  /** Why {@code image} has to leave; empty where it may stay. */
  Optional<Reason> reasonFor(Candidate image, Eviction eviction) throws IOException;

  /** Whether no image from {@code next} on has to leave. */
  boolean isReached(Candidate next, Eviction eviction) throws IOException;
}
