package io.weir.cache;

import io.weir.retention.Space;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The disk, as those see it who store on it. Of an outage the log hears twice, when it begins and
 * when it is over, however many writes fail meanwhile. Thread-safe.
 */
final class Disk {

  private static final Logger LOG = LoggerFactory.getLogger(Disk.class);

  private final Space space;
  private final AtomicBoolean isFailing = new AtomicBoolean();

  Disk(Space space) {
    this.space = space;
  }

  /** Whether nothing can be stored at the moment. Never blocks. */
  boolean isFull() {
    return space.isFull();
  }

  /**
   * Claims room. May block.
   *
   * @param sizeBytes how much will be written at most
   */
  Space.Claim claim(String upstream, long sizeBytes) {
    return space.claim(upstream, sizeBytes);
  }

  /** It did not take what was written. Never blocks. */
  void failed(IOException e) {
    space.writeFailed(e);
    if (isFailing.compareAndSet(false, true)) {
      LOG.atWarn()
          .addKeyValue("reason", e.toString())
          .log("the disk does not take what is fetched; it is passed through unstored");
    }
  }

  /** It took something, and keeps it. */
  void stored() {
    if (isFailing.compareAndSet(true, false)) {
      space.written();
      LOG.info("what is fetched is stored again");
    }
  }
}
