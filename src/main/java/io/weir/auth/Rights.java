package io.weir.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.weir.config.Config;
import io.weir.oci.ImagePattern;
import io.weir.oci.Origin;
import java.util.function.Predicate;

/** What somebody may pull. Thread-safe. */
@FunctionalInterface
public interface Rights {

  /** For each user that is named: there may be many. */
  int REMEMBERED_MAX = 1000;

  /** The pattern of everything. */
  ImagePattern EVERYTHING = ImagePattern.parse("**");

  /** To pull everything that is served. */
  Rights ALL = _ -> true;

  /** To pull nothing. */
  Rights NONE = _ -> false;

  /** Whether the repository may be pulled: its manifests, blobs, tags and referrers. */
  boolean mayPull(Origin origin);

  /** The rights that the configuration gives; {@link #ALL} where it says so. */
  static Rights of(Config.Allowed allowed) {
    if (allowed.allow().contains(EVERYTHING)) {
      return ALL;
    }
    return remembering(
        origin -> allowed.allow().stream().anyMatch(pattern -> pattern.matchesRepository(origin)));
  }

  /** These rights and others. */
  default Rights or(Rights others) {
    if (equals(ALL) || others.equals(ALL)) {
      return ALL;
    }
    return origin -> mayPull(origin) || others.mayPull(origin);
  }

  /** All nodes of a cluster ask for the same, and a pattern costs more than a look. */
  private static Rights remembering(Predicate<Origin> rule) {
    Cache<Origin, Boolean> remembered =
        Caffeine.newBuilder().maximumSize(REMEMBERED_MAX).executor(Runnable::run).build();
    return origin -> remembered.get(origin, rule::test);
  }
}
