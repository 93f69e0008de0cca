package io.weir.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What must hold of a store whenever nothing is being written to it: rows equal files, sums equal
 * rows, and nothing points into the void.
 */
public final class StoreInvariants {

  /** Each gives a row for what is wrong, and none where all is well. */
  private static final List<String> WRONG =
      List.of(
          "SELECT 'all', bytes, blobs FROM usage WHERE upstream = '' EXCEPT"
              + " SELECT 'all', ifnull(sum(size_bytes), 0), count(*) FROM content"
              + " WHERE stored_at IS NOT NULL",
          "SELECT upstream, bytes, blobs FROM usage WHERE upstream <> '' AND blobs > 0 EXCEPT"
              + " SELECT upstream, sum(size_bytes), count(*) FROM"
              + " (SELECT DISTINCT upstream, content.id, size_bytes FROM link"
              + "  JOIN repository ON repository.id = repository_id"
              + "  JOIN content ON content.id = content_id WHERE stored_at IS NOT NULL)"
              + " GROUP BY upstream",
          "SELECT 'unneeded', digest, 0 FROM content WHERE"
              + " NOT EXISTS (SELECT 1 FROM link WHERE content_id = content.id)"
              + " AND NOT EXISTS (SELECT 1 FROM child WHERE child_id = content.id)",
          "SELECT 'no row', content_id, 0 FROM link"
              + " WHERE content_id NOT IN (SELECT id FROM content)",
          "SELECT 'no parent', parent_id, child_id FROM child"
              + " WHERE parent_id NOT IN (SELECT id FROM content)"
              + " OR child_id NOT IN (SELECT id FROM content)",
          "SELECT 'root', repository_id, content_id FROM link WHERE is_root <> ("
              + " EXISTS (SELECT 1 FROM tag WHERE tag.repository_id = link.repository_id"
              + "  AND tag.content_id = link.content_id)"
              + " OR NOT EXISTS (SELECT 1 FROM child WHERE child_id = link.content_id"
              + "  AND child.repository_id = link.repository_id))",
          "SELECT 'tag', name, content_id FROM tag WHERE NOT EXISTS (SELECT 1 FROM link"
              + " WHERE tag.repository_id = link.repository_id"
              + " AND tag.content_id = link.content_id)");

  private StoreInvariants() {}

  /** The blobs that are there. */
  public static Set<Digest> files(Path root) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("blobs/sha256"))) {
      return files
          .map(file -> Digest.parse("sha256:" + file.getFileName()))
          .collect(Collectors.toSet());
    }
  }

  /** Checks the store, of which all that was queued has been written. */
  public static void check(Path root) throws IOException, SQLException {
    try (var connection =
            DriverManager.getConnection(
                "jdbc:sqlite:file:" + root.resolve("index.db") + "?vfs=unix-excl");
        var statement = connection.createStatement()) {
      Set<Digest> rows = new HashSet<>();
      try (ResultSet row =
          statement.executeQuery("SELECT digest FROM content WHERE stored_at IS NOT NULL")) {
        while (row.next()) {
          rows.add(Digest.parse(row.getString(1)));
        }
      }
      assertThat(rows).as("rows and files").isEqualTo(files(root));
      for (String wrong : WRONG) {
        try (ResultSet row = statement.executeQuery(wrong)) {
          assertThat(row.next()).as(wrong).isFalse();
        }
      }
    }
  }
}
