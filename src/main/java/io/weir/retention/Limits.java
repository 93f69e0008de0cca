package io.weir.retention;

import io.weir.store.Candidate;
import io.weir.store.Eviction;
import io.weir.store.Inventory;
import io.weir.store.Usage;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The goal that all limits are kept: nothing expired stays, and where a size is over its limit, the
 * high water mark, images leave until it is at its low one.
 *
 * <p>What is wanted is taken off the limit first, so that there is room for it afterwards.
 */
final class Limits implements Goal {

  private final Policy policy;
  private final Balance balance;

  /** What the store may keep; empty where it is within its limit. */
  private final Optional<Long> keptBytes;

  /** The same for upstreams that are over limits of their own. */
  private final Map<String, Long> keptBytesByUpstream = new HashMap<>();

  /** What the file system needs back; 0 where it has enough. */
  private final long freeBytes;

  /** What the store took when this began. */
  private final long begunBytes;

  /**
   * The goal to keep the limits of {@code balance} with {@code wantedBytes} more.
   *
   * @param upstream whose bytes are wanted
   */
  Limits(Balance balance, Inventory inventory, String upstream, long wantedBytes) {
    this.policy = balance.policy();
    this.balance = balance;
    this.begunBytes = balance.usedBytes(inventory.usage());
    this.keptBytes = kept(balance.limitBytes(), begunBytes, wantedBytes);
    Map<String, Usage> usages = inventory.usageByUpstream();
    usages.forEach((name, usage) ->
        balance
            .limitBytes(name)
            .ifPresent(limit ->
                kept(limit, balance.usedBytes(name, usage), name.equals(upstream) ? wantedBytes : 0)
                    .ifPresent(bytes -> keptBytesByUpstream.put(name, bytes))));
    long minFree = balance.minFreeBytes();
    long shortBytes = balance.shortBytes(wantedBytes);
    this.freeBytes = shortBytes <= 0 ? 0 : shortBytes + minFree - policy.lowWater(minFree);
  }

  private Optional<Long> kept(long limit, long used, long wanted) {
    return used + wanted <= limit
        ? Optional.empty()
        : Optional.of(policy.lowWater(Math.max(0, limit - wanted)));
  }

  @Override
  public Optional<Reason> reasonFor(Candidate image, Eviction eviction) throws IOException {
    String upstream = image.origin().upstream();
    Optional<Duration> ttl = policy.ttl(upstream);
    if (ttl.isPresent() && image.idle().compareTo(ttl.get()) >= 0) {
      return Optional.of(Reason.TTL);
    }
    Long keptOfUpstream = keptBytesByUpstream.get(upstream);
    if (keptOfUpstream != null
        && balance.usedBytes(upstream, eviction.usage(upstream)) > keptOfUpstream) {
      return Optional.of(Reason.UPSTREAM_SIZE);
    }
    if (isOverSize(eviction)) {
      return Optional.of(Reason.SIZE);
    }
    return isShort(eviction) ? Optional.of(Reason.FREE) : Optional.empty();
  }

  private boolean isOverSize(Eviction eviction) throws IOException {
    return keptBytes.isPresent() && balance.usedBytes(eviction.usage()) > keptBytes.get();
  }

  private boolean isShort(Eviction eviction) throws IOException {
    return freeBytes > 0 && begunBytes - balance.usedBytes(eviction.usage()) < freeBytes;
  }

  @Override
  public boolean isReached(Candidate next, Eviction eviction) throws IOException {
    Optional<Duration> ttl = policy.shortestTtl();
    if (ttl.isPresent() && next.idle().compareTo(ttl.get()) >= 0) {
      return false;
    }
    return isKept(eviction);
  }

  /** Whether no size is over its mark any more. */
  boolean isKept(Eviction eviction) throws IOException {
    for (Map.Entry<String, Long> kept : keptBytesByUpstream.entrySet()) {
      if (balance.usedBytes(kept.getKey(), eviction.usage(kept.getKey())) > kept.getValue()) {
        return false;
      }
    }
    return !isOverSize(eviction) && !isShort(eviction);
  }
}
