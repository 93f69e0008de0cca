package io.weir.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** What is stored, as of the last write to the index; for those who must not wait. Thread-safe. */
final class Usages {

  /** The row for all upstreams together. */
  static final String ALL = "";

  private volatile Map<String, Usage> byUpstream = Map.of();

  /** Reads it anew. */
  void read(Database database) throws SQLException {
    Map<String, Usage> read = new HashMap<>();
    try (ResultSet row = database.query("SELECT upstream, bytes, blobs FROM usage")) {
      while (row.next()) {
        read.put(row.getString(1), new Usage(row.getLong(2), row.getLong(3)));
      }
    }
    byUpstream = Map.copyOf(read);
  }

  /** What is stored of {@code upstream} inside a transaction. */
  static Usage of(Database database, String upstream) throws SQLException {
    try (ResultSet row =
        database.query("SELECT bytes, blobs FROM usage WHERE upstream = ?", upstream)) {
      return row.next() ? new Usage(row.getLong(1), row.getLong(2)) : Usage.NONE;
    }
  }

  Usage all() {
    return byUpstream.getOrDefault(ALL, Usage.NONE);
  }

  /** Upstreams of which something is stored. */
  Map<String, Usage> byUpstream() {
    Map<String, Usage> stored = new HashMap<>(byUpstream);
    stored.remove(ALL);
    stored.values().removeIf(Usage.NONE::equals);
    return stored;
  }
}
