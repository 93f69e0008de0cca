package io.weir.cache;

import java.util.List;

/**
 * The tags of a repository.
 *
 * @param tags all of them, in upstream's order
 * @param status how they were come by
 */
public record TagList(List<String> tags, CacheStatus status) {

  public TagList {
    tags = List.copyOf(tags);
  }
}
