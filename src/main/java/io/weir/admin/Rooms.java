package io.weir.admin;

import io.weir.config.Config;
import io.weir.integrity.Reconciliation;
import io.weir.integrity.Scrub;
import io.weir.logging.RecentLog;
import io.weir.metrics.Metrics;
import io.weir.retention.DiskSpace;
import io.weir.store.Store;
import io.weir.upstream.Upstream;
import io.weir.warm.Warmer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the API shows and operates.
 *
 * @param version of this build
 * @param started when the server began
 * @param clock what time it is
 * @param config what is in force at the moment
 * @param metrics what was counted
 * @param store what is stored
 * @param space what it may take, and what leaves
 * @param reconciliation what differed between files and index
 * @param scrub what was damaged
 * @param traffic what is on its way
 * @param log what the log said
 * @param upstreams the registry client of an upstream, by its name
 * @param answersAgain is told the name of an upstream that was asked and is of use
 * @param warmer what fetches ahead of need
 */
public record Rooms(
    String version,
    Instant started,
    InstantSource clock,
    Supplier<Config> config,
    Metrics metrics,
    Store store,
    DiskSpace space,
    Reconciliation reconciliation,
    Scrub scrub,
    Traffic traffic,
    RecentLog log,
    Function<String, Optional<Upstream>> upstreams,
    Consumer<String> answersAgain,
    Warmer warmer) {}
