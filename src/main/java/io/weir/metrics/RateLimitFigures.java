package io.weir.metrics;

import java.time.Duration;
import java.util.Optional;

/**
 * What is known of an upstream's rate limit when the metrics are read.
 *
 * @param limit how many requests it allows in a window
 * @param remaining how many of them are left; empty also where the window has passed
 * @param window how long that is
 */
public record RateLimitFigures(
    Optional<Long> limit, Optional<Long> remaining, Optional<Duration> window) {}
