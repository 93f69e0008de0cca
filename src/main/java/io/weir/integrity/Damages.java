package io.weir.integrity;

import io.weir.metrics.Metrics;
import io.weir.metrics.Where;
import io.weir.oci.Origin;
import io.weir.store.Inventory;
import io.weir.store.Store;
import io.weir.store.StoredContent;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes damaged content out of use. Thread-safe; blocks. */
final class Damages {

  private static final Logger LOG = LoggerFactory.getLogger(Damages.class);

  private final Store store;
  private final Metrics metrics;

  Damages(Store store, Metrics metrics) {
    this.store = store;
    this.metrics = metrics;
  }

  /**
   * Takes content out of use, counts it for each upstream that has shown it, and logs it.
   *
   * @param where who found it, for the metric
   */
  Damage takeOut(StoredContent content, String reason, Where where) {
    List<Origin> origins = store.inventory().origins(content.digest());
    List<Origin> counted = origins.isEmpty() ? List.of(Inventory.UNCLAIMED) : origins;
    counted.stream()
        .map(Origin::upstream)
        .distinct()
        .forEach(upstream -> metrics.integrityFailure(upstream, where));
    LOG.atWarn()
        .addKeyValue("digest", content.digest())
        .addKeyValue("repositories", origins)
        .log("stored content is damaged: {}", reason);
    try {
      store.quarantine(content.digest());
      return new Damage(content, origins, reason, Damage.NEXT_PULL);
    } catch (IOException e) {
      LOG.warn("damaged content stays in use: {}", e.toString());
      return new Damage(content, origins, reason, "it stays in use: " + e.getMessage());
    }
  }
}
