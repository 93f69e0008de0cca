package io.weir.testing;

import io.weir.logging.AccessEntry;
import io.weir.logging.AccessLog;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An access log that keeps what it is told. Thread-safe. */
public final class AccessEntries implements AccessLog {

  private final List<AccessEntry> entries = new CopyOnWriteArrayList<>();

  @Override
  public boolean isOn() {
    return true;
  }

  @Override
  public void write(AccessEntry entry) {
    entries.add(entry);
  }

  @Override
  public long lostLines() {
    return 0;
  }

  /** What was written; forgotten afterwards. */
  public List<AccessEntry> take() {
    List<AccessEntry> taken = List.copyOf(entries);
    entries.removeAll(taken);
    return taken;
  }
}
