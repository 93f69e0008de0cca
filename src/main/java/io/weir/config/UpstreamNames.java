package io.weir.config;

import io.weir.config.Entry.Leaf;
import io.weir.config.Problems.Place;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which upstream a name means. No name means two. */
final class UpstreamNames {

  private final Map<String, String> upstreams = new LinkedHashMap<>();
  private final Problems problems;

  private UpstreamNames(Problems problems) {
    this.problems = problems;
  }

  /**
   * Gives every upstream its names, and makes a problem of each that is taken.
   *
   * @return the upstream that each name or alias means
   */
  static Map<String, String> claim(Map<String, Values> listed, Problems problems) {
    UpstreamNames names = new UpstreamNames(problems);
    listed.forEach((upstream, values) ->
        WellKnownUpstreams.aliases(upstream)
            .forEach(alias -> names.claim(alias, upstream, values.place(), values.path())));
    listed.forEach(
        (upstream, values) -> names.claim(upstream, upstream, values.place(), values.path()));
    listed.forEach((upstream, values) -> names.claimAll(ConfigSchema.ALIASES, upstream, values));
    Map<String, String> inPathsAndQueries = new LinkedHashMap<>(names.upstreams);
    listed.forEach((upstream, values) -> names.claimAll(ConfigSchema.HOSTS, upstream, values));
    listed.forEach(names::checkPathName);
    return inPathsAndQueries;
  }

  private void claimAll(Leaf<?, List<String>> key, String upstream, Values values) {
    for (String name : values.get(key).orElse(List.of())) {
      claim(name, upstream, values.placeOf(key), values.below(key));
    }
  }

  private void claim(String name, String upstream, Place place, String path) {
    String other = upstreams.putIfAbsent(name, upstream);
    if (other != null && !other.equals(upstream)) {
      problems.add(
          place,
          path,
          "expected a name of its own (got " + name + ", which means the upstream " + other + ")");
    }
  }

  /** An image reference has no place for a port behind the cache's own name. */
  private void checkPathName(String upstream, Values values) {
    int colon = upstream.indexOf(':');
    if (colon >= 0 && !values.mentions(ConfigSchema.ALIASES)) {
      problems.add(
          values.place(),
          values.path(),
          "expected an alias, because a name with a port cannot stand in a path: aliases: ["
              + upstream.substring(0, colon)
              + "]");
    }
  }
}
