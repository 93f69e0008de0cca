package io.weir.testing;

import io.weir.retention.Space;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Room of which a test says how much there is. It is full from the first refusal on. */
public final class ScriptedSpace implements Space {

  // Guarded by this:
  private final List<String> claims = new ArrayList<>();
  private long freeBytes;
  private boolean isFull;
  private int open;

  public ScriptedSpace(long freeBytes) {
    this.freeBytes = freeBytes;
  }

  /** All claims so far, as {@code UPSTREAM BYTES}; one that asked for more has {@code +} before. */
  public synchronized List<String> claims() {
    return List.copyOf(claims);
  }

  /** How many grants are not closed. */
  public synchronized int open() {
    return open;
  }

  @Override
  public synchronized Claim claim(String upstream, long sizeBytes) {
    claims.add(upstream + ' ' + sizeBytes);
    if (!take(sizeBytes)) {
      return new Claim.Refused("no room for it");
    }
    open++;
    return new Grant();
  }

  private synchronized boolean take(long sizeBytes) {
    if (freeBytes < sizeBytes) {
      isFull = true;
      return false;
    }
    freeBytes -= sizeBytes;
    return true;
  }

  @Override
  public synchronized boolean isFull() {
    return isFull;
  }

  @Override
  public synchronized void writeFailed(IOException failure) {
    isFull = true;
  }

  @Override
  public void written() {
    // Nobody asks for it here.
  }

  private final class Grant implements Claim.Granted {

    @Override
    public boolean extend(long sizeBytes) {
      synchronized (ScriptedSpace.this) {
        claims.add("+" + sizeBytes);
        return take(sizeBytes);
      }
    }

    @Override
    public void close() {
      synchronized (ScriptedSpace.this) {
        open--;
      }
    }
  }
}
