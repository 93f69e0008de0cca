package io.weir.config;

import java.time.Duration;
import java.util.Optional;

/**
 * How long the images of one upstream stay, and how much room they may take.
 *
 * @param ttl how long after its last pull an image stays; zero is for ever
 * @param maxSize the most that they may take together, a part being of the file system that holds
 *     the store; empty for no limit but that of the whole store
 */
public record RetentionConfig(Duration ttl, Optional<Size> maxSize) {}
