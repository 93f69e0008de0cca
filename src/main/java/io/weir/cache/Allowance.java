package io.weir.cache;

import io.weir.retention.Space.Claim;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What one fetch may write: all of it at once where its length is known, otherwise a step at a
 * time. Closed when the content is stored and counted, or given up. Used by one thread; blocks
 * while room is made.
 */
final class Allowance implements AutoCloseable {

  /** How much is claimed at a time for content that may have any length. */
  static final long STEP_BYTES = 64L << 20;

  /** There is no room. */
  static final class RefusedException extends IOException {

    private final String detail;

    RefusedException(String detail) {
      super(detail);
      this.detail = detail;
    }

    /** Why, for Cache-Status. */
    String detail() {
      return detail;
    }
  }

  private final Disk disk;
  private Claim.@Nullable Granted granted;
  private long leftBytes;

  Allowance(Disk disk) {
    this.disk = disk;
  }

  /**
   * Claims room, in place of what was claimed before.
   *
   * @param sizeBytes how much, or −1 where that is not known
   */
  void claim(String upstream, long sizeBytes) throws RefusedException {
    close();
    long claimed = sizeBytes < 0 ? STEP_BYTES : sizeBytes;
    granted =
        switch (disk.claim(upstream, claimed)) {
          case Claim.Granted room -> room;
          case Claim.Refused refused -> throw new RefusedException(refused.detail());
        };
    leftBytes = claimed;
  }

  /** So many bytes are about to be written. */
  void spend(int bytes) throws RefusedException {
    while (leftBytes < bytes) {
      if (granted == null || !granted.extend(STEP_BYTES)) {
        throw new RefusedException(CacheStatus.DISK_FULL);
      }
      leftBytes += STEP_BYTES;
    }
    leftBytes -= bytes;
  }

  @Override
  public void close() {
    if (granted != null) {
      granted.close();
      granted = null;
    }
  }
}
