package io.weir.retention;

import io.weir.store.Footprint;
import io.weir.store.Usage;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What the store takes, and what has been promised, against what it may take: arithmetic on one
 * moment's figures. Bytes everywhere; what is over a limit is positive.
 *
 * @param policy the limits
 * @param footprint what is taken beside content, and what the file system has
 * @param claimedBytes what has been promised to those who write now
 * @param claimedByUpstream the same by upstream
 */
record Balance(
    Policy policy, Footprint footprint, long claimedBytes, Map<String, Long> claimedByUpstream) {

  Balance {
    claimedByUpstream = Map.copyOf(claimedByUpstream);
  }

  long limitBytes() {
    return policy.store().maxSize().of(footprint.capacityBytes());
  }

  long minFreeBytes() {
    return policy.store().minFree().of(footprint.capacityBytes());
  }

  /** What an upstream may take, where it has a limit of its own. */
  OptionalLong limitBytes(String upstream) {
    return policy
        .limitBytes(upstream, footprint.capacityBytes())
        .map(OptionalLong::of)
        .orElse(OptionalLong.empty());
  }

  /** What the store takes, with what it has promised. */
  long usedBytes(Usage all) {
    return all.diskBytes()
        + footprint.indexBytes()
        + Math.max(claimedBytes, footprint.incomingBytes());
  }

  long usedBytes(String upstream, Usage own) {
    return own.diskBytes() + claimedByUpstream.getOrDefault(upstream, 0L);
  }

  /** How far the file system would be below its free room if all that is promised were written. */
  long shortBytes(long wantedBytes) {
    long unwritten = Math.max(0, claimedBytes - footprint.incomingBytes());
    return minFreeBytes() + wantedBytes + unwritten - footprint.availableBytes();
  }

  /** Whether {@code wantedBytes} more of {@code upstream} keep to all limits. */
  boolean fits(String upstream, long wantedBytes, Usage all, Usage own) {
    OptionalLong ownLimit = limitBytes(upstream);
    return usedBytes(all) + wantedBytes <= limitBytes()
        && shortBytes(wantedBytes) <= 0
        && (ownLimit.isEmpty() || usedBytes(upstream, own) + wantedBytes <= ownLimit.getAsLong());
  }

  /** The most that one blob of {@code upstream} could ever take. */
  long mostBytes(String upstream) {
    long most =
        Math.min(limitBytes() - footprint.indexBytes(), footprint.capacityBytes() - minFreeBytes());
    return Math.min(most, limitBytes(upstream).orElse(most));
  }
}
