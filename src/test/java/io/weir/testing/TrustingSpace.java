package io.weir.testing;

import io.weir.retention.Space;
import java.io.IOException;
import java.time.Duration;

/**
 * Room that is promised to everybody, so that only a write finds out where the disk ends. Full for
 * a second after one failed.
 */
public final class TrustingSpace implements Space {

  private static final Duration MOMENT = Duration.ofSeconds(1);

  private final FakeClock clock;
  private volatile Duration fullUntil = Duration.ZERO;

  public TrustingSpace(FakeClock clock) {
    this.clock = clock;
  }

  @Override
  public Claim claim(String upstream, long sizeBytes) {
    return isFull() ? new Claim.Refused("disk full") : new Everything();
  }

  @Override
  public boolean isFull() {
    return clock.elapsed().compareTo(fullUntil) < 0;
  }

  @Override
  public void writeFailed(IOException failure) {
    fullUntil = clock.elapsed().plus(MOMENT);
  }

  @Override
  public void written() {
    // Nobody asks for it here.
  }

  private record Everything() implements Claim.Granted {

    @Override
    public boolean extend(long sizeBytes) {
      return true;
    }

    @Override
    public void close() {}
  }
}
