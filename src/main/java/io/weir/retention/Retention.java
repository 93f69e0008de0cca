package io.weir.retention;

import io.weir.config.Config;
import io.weir.metrics.Metrics;
import io.weir.oci.ImagePattern;
import io.weir.store.Blobs;
import io.weir.store.Candidate;
import io.weir.store.Eviction;
import io.weir.store.Inventory;
import io.weir.store.Removed;
import io.weir.store.Store;
import io.weir.store.Uptime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What leaves the store, and when.
 *
 * <p>Images leave whole, in the order of their last pulls, the longest ago first. One eviction runs
 * at a time, in transactions of a few images each, so that the index's own writes go on between
 * them; a pull never waits for one, unless it needs the room. Thread-safe.
 */
public final class Retention implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private static final Duration PERIOD = Duration.ofMinutes(1);

  private static final int IMAGES_PER_TRANSACTION = 32;
  private static final int LOOKED_AT_PER_TRANSACTION = 2000;
  private static final int CANDIDATES_PER_READ = 200;

  /** A dry run is one transaction, and writes wait for it. */
  private static final int DRY_RUN_MAX = 10_000;

  private final Inventory inventory;
  private final Blobs blobs;
  private final Claims claims;
  private final Shortage shortage;
  private final Pins pins;
  private final InstantSource clock;
  private final Uptime uptime;
  private final Metrics metrics;
  private final Growth growth = new Growth();

  private final ReentrantLock evicting = new ReentrantLock();
  private final Semaphore due = new Semaphore(0);
  private final Thread thread;
  private volatile Policy policy;
  private volatile @Nullable Instant lastRun;
  private volatile boolean closing;

  Retention(
      Store store,
      Config config,
      Claims claims,
      Shortage shortage,
      InstantSource clock,
      Uptime uptime,
      Metrics metrics) {
    this.inventory = store.inventory();
    this.blobs = store.blobs();
    this.claims = claims;
    this.shortage = shortage;
    this.pins = new Pins(store.pins());
    this.clock = clock;
    this.uptime = uptime;
    this.metrics = metrics;
    this.policy = Policy.of(config);
    pins.configure(config.retention().pins());
    declare(config);
    this.thread = Thread.ofVirtual().name("retention").unstarted(this::runPeriodically);
  }

  void start() {
    thread.start();
  }

  void use(Config config) {
    policy = Policy.of(config);
    pins.configure(config.retention().pins());
    declare(config);
    wake();
  }

  private void declare(Config config) {
    for (String upstream : config.upstreams().keySet()) {
      for (Reason reason : Reason.values()) {
        metrics.declareEvictions(upstream, reason.label());
      }
    }
  }

  /** When it was last looked by itself what has to leave; empty before. */
  public Optional<Instant> lastRun() {
    return Optional.ofNullable(lastRun);
  }

  /** How the store has grown lately. */
  Growth growth() {
    return growth;
  }

  /** What stays whatever happens. */
  public Pins pins() {
    return pins;
  }

  /**
   * Lets all leave that has to: expired, or over a limit. Blocks.
   *
   * @param dryRun whether only to say what would
   * @throws IOException where the index or the disk fails
   */
  public Report collect(boolean dryRun) throws IOException {
    evicting.lock();
    try {
      if (!dryRun && !claims.fits("", 0)) {
        dropSpareFiles();
      }
      Report report = run(new Limits(claims.balance(), inventory, "", 0), dryRun);
      if (!dryRun) {
        forgetEmptyRepositories();
      }
      return report;
    } finally {
      evicting.unlock();
    }
  }

  /**
   * Lets the images leave that {@code patterns} match, but for pinned ones. Blocks.
   *
   * @param dryRun whether only to say which
   * @throws IOException where the index or the disk fails
   */
  public Report evict(List<ImagePattern> patterns, boolean dryRun) throws IOException {
    evicting.lock();
    try {
      return run(new Matching(patterns), dryRun);
    } finally {
      evicting.unlock();
    }
  }

  /**
   * Lets images leave until there is room for {@code bytes} of {@code upstream}, unless all that
   * may leave would not be enough: then nothing leaves.
   */
  void makeRoom(String upstream, long bytes) throws IOException {
    evicting.lock();
    try {
      if (claims.fits(upstream, bytes)) {
        return; // somebody else has made it
      }
      dropSpareFiles();
      Limits limits = new Limits(claims.balance(), inventory, upstream, bytes);
      if (!pins.areNone() && !suffices(limits)) {
        return;
      }
      Report report = run(limits, false);
      LOG.debug("{} images left for {} bytes of {}", report.departures().size(), bytes, upstream);
    } finally {
      evicting.unlock();
    }
  }

  /**
   * Whether what found no room before would find some now, because enough may leave. Not asked
   * where a claim can tell: it may be long until somebody wants as much again.
   */
  private void lookForRoom(Shortage.Wanted wanted) throws IOException {
    evicting.lock();
    try {
      Balance balance = claims.balance();
      boolean isTooLarge = wanted.bytes() > balance.mostBytes(wanted.upstream());
      if (isTooLarge
          || claims.fits(wanted.upstream(), wanted.bytes())
          || suffices(new Limits(balance, inventory, wanted.upstream(), wanted.bytes()))) {
        shortage.hasRoom(wanted);
      }
    } finally {
      evicting.unlock();
    }
  }

  /** What is kept for a look, or for a fetch that may go on one day, leaves before any image. */
  private void dropSpareFiles() throws IOException {
    long freedBytes = blobs.dropQuarantined(Duration.ZERO) + blobs.dropPartial(Duration.ZERO);
    LOG.debug("{} bytes of spare files left", freedBytes);
  }

  /** Whether what may leave is enough. */
  private boolean suffices(Limits limits) throws IOException {
    return inventory.evict(
        true,
        eviction -> {
          Step step = step(limits, eviction, null, DRY_RUN_MAX, Integer.MAX_VALUE);
          return !step.isEnd() || limits.isKept(eviction);
        });
  }

  private Report run(Goal goal, boolean dryRun) throws IOException {
    List<Departure> departures = new ArrayList<>();
    long freedBytes = 0;
    long freedBlobs = 0;
    Step step = Step.BEGINNING;
    do {
      Candidate after = step.last();
      step =
          inventory.evict(
              dryRun,
              eviction ->
                  dryRun
                      ? step(goal, eviction, after, DRY_RUN_MAX, Integer.MAX_VALUE)
                      : step(
                          goal,
                          eviction,
                          after,
                          IMAGES_PER_TRANSACTION,
                          LOOKED_AT_PER_TRANSACTION));
      departures.addAll(step.departures());
      freedBytes += step.freedBytes();
      freedBlobs += step.freedBlobs();
      if (!dryRun) {
        step.departures().forEach(this::count);
      }
    } while (!step.isEnd() && !dryRun);
    return new Report(departures, freedBytes, freedBlobs, step.isEnd());
  }

  /**
   * What one transaction did.
   *
   * @param last the image that was looked at last
   * @param isEnd whether none is left that has to leave
   */
  private record Step(
      List<Departure> departures,
      long freedBytes,
      long freedBlobs,
      @Nullable Candidate last,
      boolean isEnd) {

    static final Step BEGINNING = new Step(List.of(), 0, 0, null, false);
  }

  private Step step(
      Goal goal, Eviction eviction, @Nullable Candidate after, int departuresMax, int lookedAtMax)
      throws IOException {
    List<Departure> departures = new ArrayList<>();
    long freedBytes = 0;
    long freedBlobs = 0;
    int lookedAt = 0;
    Candidate last = after;
    while (true) {
      List<Candidate> candidates = eviction.oldest(last, CANDIDATES_PER_READ);
      for (Candidate image : candidates) {
        if (goal.isReached(image, eviction)) {
          return new Step(departures, freedBytes, freedBlobs, last, true);
        }
        if (departures.size() == departuresMax || lookedAt == lookedAtMax) {
          return new Step(departures, freedBytes, freedBlobs, last, false);
        }
        last = image;
        lookedAt++;
        Optional<Reason> reason =
            pins.isPinned(image.origin(), image.digest(), image.tags())
                ? Optional.empty()
                : goal.reasonFor(image, eviction);
        if (reason.isPresent()) {
          Removed removed = eviction.remove(image);
          departures.add(Departure.of(removed, reason.get()));
          freedBytes += removed.freedBytes();
          freedBlobs += removed.freedBlobs();
        }
      }
      if (candidates.size() < CANDIDATES_PER_READ) {
        return new Step(departures, freedBytes, freedBlobs, last, true);
      }
    }
  }

  private void count(Departure departure) {
    metrics.evicted(
        departure.origin().upstream(), departure.reason().label(), departure.freedBytes());
    LOG.atDebug()
        .addKeyValue("image", departure.origin() + "@" + departure.digest())
        .addKeyValue("idle", departure.idle())
        .log("evicted: {}", departure.reason().label());
  }

  private void forgetEmptyRepositories() throws IOException {
    Optional<Duration> ttl = policy.ttl("");
    if (ttl.isPresent()) {
      boolean _ =
          inventory.evict(
              false,
              eviction -> {
                eviction.removeEmptyRepositories(clock.instant().minus(ttl.get()));
                return true;
              });
    }
  }

  /** What somebody named. */
  private record Matching(List<ImagePattern> patterns) implements Goal {

    Matching {
      patterns = List.copyOf(patterns);
    }

    @Override
    public Optional<Reason> reasonFor(Candidate image, Eviction eviction) {
      boolean matches =
          patterns.stream()
              .anyMatch(pattern -> pattern.matches(image.origin(), image.digest(), image.tags()));
      return matches ? Optional.of(Reason.MANUAL) : Optional.empty();
    }

    @Override
    public boolean isReached(Candidate next, Eviction eviction) {
      return false;
    }
  }

  // The thread of its own.

  /** Looks soon whether something has to leave. Does not block. */
  void wake() {
    due.release();
  }

  private void runPeriodically() {
    try {
      while (!closing) {
        boolean _ = due.tryAcquire(PERIOD.toNanos(), TimeUnit.NANOSECONDS);
        int _ = due.drainPermits();
        if (!closing) {
          collectAndTell();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void collectAndTell() {
    growth.observe(uptime.elapsed(), claims.balance().usedBytes(inventory.usage()));
    try {
      Report report = collect(false);
      Optional<Shortage.Wanted> wanted = shortage.wanted();
      if (wanted.isPresent()) {
        lookForRoom(wanted.get());
      }
      lastRun = clock.instant();
      if (!report.departures().isEmpty()) {
        LOG.info(
            "{} images left the store, {} bytes in {} files",
            report.departures().size(),
            report.freedBytes(),
            report.freedBlobs());
      }
    } catch (IOException e) {
      LOG.warn("nothing could leave the store: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("retention failed", e);
    }
  }

  /** Ends the periodic look; one that runs is waited for. */
  @Override
  public void close() {
    closing = true;
    wake();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
