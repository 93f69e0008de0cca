package io.weir.cache;

import tools.jackson.databind.node.ArrayNode;

/**
 * What refers to a manifest.
 *
 * @param descriptors one JSON descriptor for each, as upstream wrote it
 * @param status how they were come by
 */
public record Referrers(ArrayNode descriptors, CacheStatus status) {}
