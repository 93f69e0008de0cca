package io.weir.integrity;

import io.weir.oci.Origin;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches anew what was damaged.
 *
 * @param cancellation ends it
 */
record Mending(Repair repair, Cancellation cancellation) {

  private static final Logger LOG = LoggerFactory.getLogger(Mending.class);

  /** Asks one after the other the repositories in which it was shown. Blocks. */
  Damage mend(Damage damage) {
    String why = "no upstream is known to have it";
    for (Origin origin : damage.origins()) {
      if (cancellation.isCancelled()) {
        return damage.unmended("cancelled");
      }
      try {
        cancellation.interrupting(
            () -> repair.fetch(origin, damage.digest(), damage.content().isManifest()));
        LOG.atInfo()
            .addKeyValue("digest", damage.digest())
            .addKeyValue("origin", origin)
            .log("damaged content was fetched anew");
        return damage.mended();
      } catch (IOException e) {
        why = String.valueOf(e.getMessage());
      }
    }
    LOG.atWarn()
        .addKeyValue("digest", damage.digest())
        .log("damaged content could not be fetched anew: {}", why);
    return damage.unmended(why);
  }
}
