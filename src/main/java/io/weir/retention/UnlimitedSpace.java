package io.weir.retention;

import io.weir.retention.Space.Claim.Granted;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Space without a limit of its own: only the disk's failures show where it ends. */
final class UnlimitedSpace implements Space {

  private static final Duration MOMENT = Duration.ofSeconds(1);

  private final InstantSource clock;
  private volatile Instant fullUntil = Instant.MIN;

  UnlimitedSpace(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public Claim claim(String upstream, long sizeBytes) {
    return isFull() ? new Claim.Refused("disk full") : new Everything();
  }

  @Override
  public boolean isFull() {
    return clock.instant().isBefore(fullUntil);
  }

  @Override
  public void writeFailed(IOException failure) {
    fullUntil = clock.instant().plus(MOMENT);
  }

  private record Everything() implements Granted {

    @Override
    public boolean extend(long sizeBytes) {
      return true;
    }

    @Override
    public void close() {}
  }
}
