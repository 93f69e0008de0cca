package io.weir.retention;

import io.weir.config.Config;
import io.weir.metrics.Metrics;
import io.weir.store.Inventory;
import io.weir.store.Store;
import io.weir.store.Uptime;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store's room: limits from the configuration, figures from the file system at each claim, so
 * that a volume that grows is used at once. Where a claim does not fit, {@link Retention} makes
 * room for it.
 */
public final class DiskSpace implements Space, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DiskSpace.class);

  private static final String DISK_FULL = "disk full";
  private static final String TOO_LARGE = "larger than the store";

  /** How long nothing is tried again after it was in vain. */
  private static final Duration MOMENT = Duration.ofSeconds(1);

  private static final int ATTEMPTS = 3;

  private final Inventory inventory;
  private final Uptime uptime;
  private final Claims claims;
  private final Retention retention;
  private final AtomicReference<Duration> fullUntil = new AtomicReference<>(Duration.ZERO);
  private final Shortage shortage = new Shortage();

  /** Room in {@code store}, and what keeps it. */
  public DiskSpace(
      Store store, Config config, InstantSource clock, Uptime uptime, Metrics metrics) {
    this.inventory = store.inventory();
    this.uptime = uptime;
    this.claims = new Claims(store, Policy.of(config));
    this.retention = new Retention(store, config, claims, shortage, clock, uptime, metrics);
  }

  /** Begins to look by itself, once a minute, whether something has to leave. */
  public void start() {
    retention.start();
  }

  /** Goes on by another configuration, also for what is stored already. */
  public void use(Config config) {
    claims.use(Policy.of(config));
    fullUntil.set(Duration.ZERO);
    retention.use(config);
  }

  /** What leaves, and when. */
  public Retention retention() {
    return retention;
  }

  /** How the store stands. */
  public DiskStatus status() {
    shortage
        .wanted()
        .filter(wanted -> claims.fits(wanted.upstream(), wanted.bytes()))
        .ifPresent(shortage::hasRoom);
    return figures();
  }

  private DiskStatus figures() {
    Balance balance = claims.balance();
    long usedBytes = balance.usedBytes(inventory.usage());
    return new DiskStatus(
        usedBytes,
        balance.limitBytes(),
        balance.footprint().capacityBytes(),
        balance.footprint().availableBytes(),
        balance.minFreeBytes(),
        shortage.isThere(),
        secondsUntilFull(leftBytes(balance, usedBytes)));
  }

  private static long leftBytes(Balance balance, long usedBytes) {
    return Math.min(
        balance.limitBytes() - usedBytes,
        balance.footprint().availableBytes() - balance.minFreeBytes());
  }

  private OptionalDouble secondsUntilFull(long leftBytes) {
    Optional<Double> growth = retention.growth().bytesPerSecond();
    if (growth.isEmpty()) {
      return OptionalDouble.empty();
    }
    if (leftBytes <= 0) {
      return OptionalDouble.of(0);
    }
    return OptionalDouble.of(
        growth.get() > 0 ? (double) leftBytes / growth.get() : Double.POSITIVE_INFINITY);
  }

  @Override
  public Claim claim(String upstream, long sizeBytes) {
    Shortage.Wanted wanted = new Shortage.Wanted(upstream, sizeBytes);
    if (has(upstream, sizeBytes)) {
      shortage.granted(wanted);
      return new Room(upstream, sizeBytes);
    }
    return new Claim.Refused(isRefused(wanted) ? DISK_FULL : TOO_LARGE);
  }

  /** Whether it is for want of room; otherwise it could never fit. Said once, until it has some. */
  private boolean isRefused(Shortage.Wanted wanted) {
    if (wanted.bytes() > claims.balance().mostBytes(wanted.upstream())) {
      return false;
    }
    if (shortage.refused(wanted)) {
      DiskStatus status = figures();
      LOG.atWarn()
          .addKeyValue("usedBytes", status.usedBytes())
          .addKeyValue("limitBytes", status.limitBytes())
          .addKeyValue("availableBytes", status.availableBytes())
          .addKeyValue("minFreeBytes", status.minFreeBytes())
          .log("the store has no room and nothing that may leave; pulls pass through unstored");
    }
    return true;
  }

  /** Takes room, making it where there is none and it is not known that there is none to make. */
  private boolean has(String upstream, long bytes) {
    if (claims.tryAdd(upstream, bytes)) {
      return true;
    }
    if (isFull() || bytes > claims.balance().mostBytes(upstream)) {
      return false;
    }
    try {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        retention.makeRoom(upstream, bytes);
        if (claims.tryAdd(upstream, bytes)) {
          return true;
        }
      }
    } catch (IOException e) {
      LOG.warn("no room could be made: {}", e.getMessage());
    }
    beFull();
    return false;
  }

  @Override
  public boolean isFull() {
    return uptime.elapsed().compareTo(fullUntil.get()) < 0;
  }

  private void beFull() {
    fullUntil.set(uptime.elapsed().plus(MOMENT));
  }

  @Override
  public void writeFailed(IOException failure) {
    beFull();
    shortage.writesFail(true);
    retention.wake();
  }

  @Override
  public void written() {
    shortage.writesFail(false);
  }

  @Override
  public void close() {
    retention.close();
  }

  private final class Room implements Claim.Granted {

    private final String upstream;
    private long bytes;

    Room(String upstream, long bytes) {
      this.upstream = upstream;
      this.bytes = bytes;
    }

    @Override
    public boolean extend(long sizeBytes) {
      Shortage.Wanted whole = new Shortage.Wanted(upstream, bytes + sizeBytes);
      if (!has(upstream, sizeBytes)) {
        boolean _ = isRefused(whole);
        return false;
      }
      bytes += sizeBytes;
      shortage.granted(whole);
      return true;
    }

    /** Until the index has counted what was written, it is still promised. */
    @Override
    public void close() {
      long promised = bytes;
      bytes = 0;
      inventory.afterPending(() -> claims.remove(upstream, promised));
    }
  }
}
