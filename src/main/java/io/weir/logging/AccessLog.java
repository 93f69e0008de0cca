package io.weir.logging;

/**
 * The access log: one line for each answer, when it has ended. Thread-safe; nobody who writes waits
 * for whoever reads it.
 */
public interface AccessLog {

  /** Of a server whose answers nobody wants to read of. */
  AccessLog NONE =
      new AccessLog() {
        @Override
        public boolean isOn() {
          return false;
        }

        @Override
        public void write(AccessEntry entry) {}

        @Override
        public long lostLines() {
          return 0;
        }
      };

  /** Whether anything is written. */
  boolean isOn();

  /** Writes what became of one request. */
  void write(AccessEntry entry);

  /**
   * How many lines were lost since the start, because there was no room for them; other lines of
   * the same log too.
   */
  long lostLines();
}
