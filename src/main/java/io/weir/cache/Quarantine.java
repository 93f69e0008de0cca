package io.weir.cache;

import io.weir.metrics.Metrics;
import io.weir.metrics.Where;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.store.Store;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where stored content goes that turns out to be damaged when somebody wants it. Thread-safe. */
record Quarantine(Store store, Metrics metrics) {

  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

  /**
   * Takes content out of use. Where the disk does not let go of it, the caller has to see to it
   * that it is not served.
   *
   * @param origin where it was asked for
   * @param reason what is wrong with it, in a few words
   */
  void put(Origin origin, Digest digest, String reason) {
    metrics.integrityFailure(origin.upstream(), Where.READ);
    LOG.atWarn()
        .addKeyValue("digest", digest)
        .addKeyValue("origin", origin)
        .log("stored content is damaged and is fetched anew: {}", reason);
    try {
      store.quarantine(digest);
    } catch (IOException e) {
      LOG.warn("damaged content stays in the store: {}", e.toString());
    }
  }
}
