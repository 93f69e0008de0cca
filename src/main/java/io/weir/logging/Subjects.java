package io.weir.logging;

import org.jspecify.annotations.Nullable;

/**
 * The part of a line that says who asked for what, as it was written before: clients ask for the
 * same again and again. For one thread.
 */
final class Subjects {

  /** A power of two. */
  private static final int REMEMBERED_MAX = 256;

  private static final int BYTES_MAX = 1 << 10;

  private final @Nullable AccessEntry[] entries = new @Nullable AccessEntry[REMEMBERED_MAX];
  private final byte[][] members = new byte[REMEMBERED_MAX][];
  private final JsonLine line = new JsonLine();

  /** The members of {@code entry} that are its subject, as one. */
  byte[] membersOf(AccessEntry entry) {
    int place = entry.subjectHash() & (REMEMBERED_MAX - 1);
    AccessEntry known = entries[place];
    if (known != null && known.hasSubjectOf(entry)) {
      return members[place];
    }
    line.begin();
    entry.appendSubjectTo(line);
    byte[] written = line.members();
    if (written.length <= BYTES_MAX) {
      entries[place] = entry;
      members[place] = written;
    }
    return written;
  }
}
