package io.weir.retention;

import io.weir.config.Config;
import io.weir.config.RetentionConfig;
import io.weir.config.Size;
import io.weir.config.UpstreamConfig;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the configuration says of how much may stay, and how long.
 *
 * @param store limits of all together
 * @param retention what holds for upstreams that say nothing of their own
 * @param upstreams what they say
 */
record Policy(
    Config.Store store, Config.Retention retention, Map<String, RetentionConfig> upstreams) {

  Policy {
    upstreams = Map.copyOf(upstreams);
  }

  static Policy of(Config config) {
    return new Policy(
        config.store(),
        config.retention(),
        config.upstreams().values().stream()
            .collect(Collectors.toMap(UpstreamConfig::name, UpstreamConfig::retention)));
  }

  /** How long an image of {@code upstream} may go without a pull; empty for ever. */
  Optional<Duration> ttl(String upstream) {
    RetentionConfig own = upstreams.get(upstream);
    return unlessNever(own == null ? retention.ttl() : own.ttl());
  }

  /** The shortest of these times: what was pulled since then has not expired anywhere. */
  Optional<Duration> shortestTtl() {
    return Stream.concat(
            Stream.of(retention.ttl()), upstreams.values().stream().map(RetentionConfig::ttl))
        .flatMap(ttl -> unlessNever(ttl).stream())
        .min(Duration::compareTo);
  }

  private static Optional<Duration> unlessNever(Duration ttl) {
    return Optional.of(ttl).filter(duration -> !duration.isZero());
  }

  /** What {@code upstream} may take of a file system of this size, where it has a limit. */
  Optional<Long> limitBytes(String upstream, long capacityBytes) {
    return Optional.ofNullable(upstreams.get(upstream))
        .flatMap(RetentionConfig::maxSize)
        .map((Size size) -> size.of(capacityBytes));
  }

  /** The part of a limit that eviction goes down to once it is reached. */
  long lowWater(long limitBytes) {
    return new Size.Percent(retention.lowWaterPercent()).of(limitBytes);
  }
}
