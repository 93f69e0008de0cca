package io.weir.retention;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.weir.store.Footprint;
import io.weir.store.Inventory;
import io.weir.store.Store;
import io.weir.store.Usage;
import java.util.HashMap;
import java.util.Map;

/** What has been promised to those who write now. Thread-safe. */
final class Claims {

  private final Store store;
  private final Inventory inventory;
  private volatile Policy policy;

  @GuardedBy("this") private final Map<String, Long> bytesByUpstream = new HashMap<>();

  Claims(Store store, Policy policy) {
    this.store = store;
    this.inventory = store.inventory();
    this.policy = policy;
  }

  void use(Policy policy) {
    this.policy = policy;
  }

  /** How things stand. */
  synchronized Balance balance() {
    Footprint footprint = store.footprint();
    long all = bytesByUpstream.values().stream().mapToLong(Long::longValue).sum();
    return new Balance(policy, footprint, all, bytesByUpstream);
  }

  boolean fits(String upstream, long bytes) {
    Usage own = inventory.usageByUpstream().getOrDefault(upstream, Usage.NONE);
    return balance().fits(upstream, bytes, inventory.usage(), own);
  }

  /** Promises {@code bytes} where they keep to all limits. */
  synchronized boolean tryAdd(String upstream, long bytes) {
    if (!fits(upstream, bytes)) {
      return false;
    }
    bytesByUpstream.merge(upstream, bytes, Long::sum);
    return true;
  }

  synchronized void remove(String upstream, long bytes) {
    bytesByUpstream.computeIfPresent(
        upstream, (name, before) -> before > bytes ? before - bytes : null);
  }
}
