package io.weir.store;

import static io.weir.store.Stored.LATEST;
import static io.weir.store.Stored.NGINX;
import static io.weir.store.Stored.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.MediaType;
import io.weir.testing.FakeClock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to the index's file, the store opens, answers, and takes new facts. */
class IndexDamageTest {

  private static final int PAGE_BYTES = 4096;

  @TempDir private Path root;
  private final FakeClock clock = new FakeClock();
  private Path database;

  @BeforeEach
  void storeAnImage() throws IOException {
    database = root.resolve("index.db");
    try (Store store = open()) {
      Stored.put(store, 0);
    }
  }

  private Store open() throws IOException {
    return Store.open(root, clock, clock);
  }

  private static void awaitRestored(Store store) {
    store.awaitRestoration();
    assertThat(Stored.isKnown(store, 0)).isTrue();
  }

  private static void assertTakesNewFacts(Store store, int number) throws IOException {
    Stored.put(store, number);
    assertThat(Stored.isKnown(store, number)).isTrue();
  }

  /**
   * Every 64th length of the first page, which says how long the file should be, then every 512th,
   * and those beside the edges of all pages.
   */
  @Test
  void anIndexCutToAnyLengthIsMadeAnew() throws Exception {
    byte[] whole = Files.readAllBytes(database);
    TreeSet<Integer> lengths = new TreeSet<>();
    for (int length = 0; length < whole.length; length += length < PAGE_BYTES ? 64 : 512) {
      lengths.add(length);
    }
    for (int edge = 0; edge <= whole.length; edge += PAGE_BYTES) {
      lengths.add(Math.max(0, edge - 1));
      lengths.add(Math.min(whole.length - 1, edge + 1));
    }
    for (int length : lengths) {
      try (FileChannel file = FileChannel.open(database, StandardOpenOption.WRITE)) {
        file.truncate(length);
      }
      try (Store store = open()) {
        awaitRestored(store);
        Stored.assertServed(store, 0);
        assertThat(store.index().content(NGINX, Stored.digest(0)).isLinked())
            .as("cut to %d", length)
            .isTrue();
        store.index().putTag(NGINX, Stored.tag(length), Stored.digest(0), NOON);
        store.index().flush();
        assertThat(store.index().tag(NGINX, Stored.tag(length)))
            .as("cut to %d", length)
            .isPresent();
      }
      Files.write(database, whole);
    }
  }

  /** After a kill the log holds what the file does not have yet, and the length proves nothing. */
  @Test
  void anIndexThatWasKilledAndCutToAnyLengthGoesOnOrIsMadeAnew() throws Exception {
    Path killed = Files.createDirectory(root.resolve("killed"));
    try (Store store = open()) {
      assertTakesNewFacts(store, 1);
      for (String suffix : new String[] {"", "-wal"}) {
        Files.copy(root.resolve("index.db" + suffix), killed.resolve("index.db" + suffix));
      }
    }
    long size = Files.size(killed.resolve("index.db"));
    for (long length = 0; length <= size; length += 1024) {
      for (String suffix : new String[] {"", "-wal"}) {
        Files.copy(
            killed.resolve("index.db" + suffix),
            root.resolve("index.db" + suffix),
            StandardCopyOption.REPLACE_EXISTING);
      }
      try (FileChannel file = FileChannel.open(database, StandardOpenOption.WRITE)) {
        file.truncate(length);
      }
      try (Store store = open()) {
        Stored.await(
            "a new fact, cut to " + length,
            () -> {
              Stored.index(store, 1);
              return Stored.isKnown(store, 1);
            });
        Stored.assertServed(store, 0);
      }
    }
  }

  @Test
  void anIndexThatIsNoDatabaseIsSetAside() throws Exception {
    Files.writeString(database, "this is no database, whatever its name says ".repeat(100));
    try (Store store = open()) {
      awaitRestored(store);
      assertThat(root.resolve("index.db.damaged")).exists();
      assertTakesNewFacts(store, 1);
    }
  }

  @Test
  void aFolderInPlaceOfTheIndexIsSetAside() throws Exception {
    Files.delete(database);
    Files.createDirectory(database);
    try (Store store = open()) {
      awaitRestored(store);
      assertThat(root.resolve("index.db.damaged")).isDirectory();
      assertTakesNewFacts(store, 1);
    }
  }

  @Test
  void anIndexDamagedWhileItIsOpenIsReplacedAndTakesNewFacts() throws Exception {
    try (Store store = open()) {
      try (RandomAccessFile file = new RandomAccessFile(database.toFile(), "rw")) {
        file.seek(PAGE_BYTES);
        file.write(new byte[(int) file.length() - PAGE_BYTES]);
      }
      for (int i = 1; i < 50; i++) {
        Stored.put(store, i);
        var _ = Stored.isKnown(store, i);
      }
      assertTakesNewFacts(store, 50);
      awaitRestored(store);
    }
  }

  /** A folder where SQLite wants its log: nothing is wrong with what is there. */
  @Test
  void anIndexThatCannotBeOpenedForAnotherReasonIsLeftAsItIsAndOpenedWhenThatGoesAway()
      throws Exception {
    Path log = Files.createDirectory(root.resolve("index.db-wal"));
    try (Store store = open()) {
      Stored.assertServed(store, 0);
      assertThat(Stored.isKnown(store, 0)).isFalse();
      assertThat(root.resolve("index.db.damaged")).doesNotExist();

      Files.delete(log);

      Stored.await("the index", () -> Stored.isKnown(store, 0));
      assertThat(store.index().tag(NGINX, LATEST))
          .hasValue(new Index.TagRow(Stored.digest(0), NOON));
      Stored.await(
          "a new fact",
          () -> {
            Stored.index(store, 1);
            return Stored.isKnown(store, 1);
          });
    }
  }

  /** It would go on writing to a file without a name, and the next start know nothing of it. */
  @Test
  void anIndexRemovedWhileItIsOpenIsMadeAnew() throws Exception {
    try (Store store = open()) {
      Files.delete(database);
      Stored.await("a new index", () -> Files.exists(database));
      store.index().flush();
      awaitRestored(store);
      assertTakesNewFacts(store, 1);
    }
    try (Store store = open()) {
      assertThat(Stored.isKnown(store, 0)).isTrue();
      assertThat(Stored.isKnown(store, 1)).isTrue();
    }
  }

  @Test
  void everythingRemovedWhileItIsOpenIsMadeAnew() throws Exception {
    try (Store store = open()) {
      removeAllIn(root);
      assertThat(store.blobs().find(Stored.digest(0))).isEmpty();
      Stored.await("a new index", () -> Files.exists(database));
      Stored.await(
          "a new fact",
          () -> {
            Stored.index(store, 1);
            return Stored.isKnown(store, 1);
          });
      Stored.put(store, 1);
      assertThat(root.resolve("oci-layout")).exists();
      assertThat(root.resolve("weir.lock")).exists();
    }
    try (Store store = open()) {
      assertThat(Stored.isKnown(store, 1)).isTrue();
      Stored.assertServed(store, 1);
    }
  }

  @Test
  void aRemovedBlobFolderIsMadeAgainByTheNextWrite() throws Exception {
    try (Store store = open()) {
      for (String folder : new String[] {"blobs/sha256", "blobs", "incoming"}) {
        store.blobs().remove(Stored.digest(0));
        removeAllIn(root.resolve(folder));
        Files.delete(root.resolve(folder));
        Stored.put(store, 0);
        Stored.assertServed(store, 0);
      }
    }
  }

  private static void removeAllIn(Path folder) throws IOException {
    try (Stream<Path> below = Files.walk(folder)) {
      for (Path path : below.sorted((a, b) -> b.compareTo(a)).toList()) {
        if (!path.equals(folder)) {
          Files.delete(path);
        }
      }
    }
  }

  /** Retention counts from it, so it must not be long ago. */
  @Test
  void whatIsFoundAgainCountsAsStoredNow() throws Exception {
    Files.delete(database);
    try (Store store = open()) {
      awaitRestored(store);
      assertThat(store.index().tag(NGINX, LATEST).orElseThrow().checkedAt())
          .isEqualTo(Instant.EPOCH);
    }
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT stored_at FROM content WHERE stored_at > 0")) {
      assertThat(row.next()).isTrue();
      assertThat(Instant.ofEpochMilli(row.getLong(1))).isEqualTo(clock.instant());
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + database);
  }

  /**
   * A kill while a lost index was being filled again. The next start used to take the half for the
   * whole, and index.json was overwritten with it.
   */
  @Test
  void aRestorationThatWasCutShortIsBegunAgainAndIndexJsonIsKeptUntilThen() throws Exception {
    try (Store store = open()) {
      Stored.put(store, 1);
      Stored.put(store, 2);
    }
    byte[] imageIndex = Files.readAllBytes(root.resolve("index.json"));
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("DELETE FROM tag WHERE name <> 'latest'");
      statement.executeUpdate("INSERT INTO meta (name, value) VALUES ('restoration', '')");
    }
    Layout layout = new Layout(root);
    try (Database half = Database.openForWriting(layout.database())) {
      new ImageIndexFile(layout).write(half);
    }
    assertThat(root.resolve("index.json")).hasBinaryContent(imageIndex);

    try (Store store = open()) {
      store.awaitRestoration();
      assertThat(Stored.isKnown(store, 1)).isTrue();
      assertThat(Stored.isKnown(store, 2)).isTrue();
      assertThat(store.index().tag(NGINX, LATEST).orElseThrow().checkedAt())
          .as("what is known by now is not replaced by what was known once")
          .isEqualTo(NOON);
    }
    try (Database filled = Database.openForWriting(layout.database())) {
      assertThat(filled.isRestoring()).isFalse();
    }
  }

  /** More than the queue of changes holds at once. */
  @Test
  void aLongImageIndexIsRestoredToItsEnd() throws Exception {
    int entries = 70_000;
    String all =
        IntStream.rangeClosed(1, entries)
            .mapToObj(i ->
                """
                {"mediaType":"%s","digest":"%s","size":1,
                 "annotations":{"io.weir.repository":"docker.io/library/nginx","io.weir.tag":"t%d"}}\
                """
                    .formatted(MediaType.OCI_MANIFEST, Stored.digest(0), i))
            .collect(Collectors.joining(",", "{\"manifests\":[", "]}"));
    Files.writeString(root.resolve("index.json"), all);
    Files.delete(database);
    try (Store store = open()) {
      store.awaitRestoration();
      for (int i = 1; i <= entries; i += 999) {
        assertThat(store.index().tag(NGINX, Stored.tag(i))).as("entry %d", i).isPresent();
      }
      assertThat(store.index().tag(NGINX, Stored.tag(entries))).isPresent();
    }
  }

  @Test
  void anImageIndexThatIsDamagedIsReadUpToThere() throws Exception {
    try (Store store = open()) {
      Stored.put(store, 1);
    }
    Path imageIndex = root.resolve("index.json");
    byte[] whole = Files.readAllBytes(imageIndex);
    for (int length = 0; length < whole.length; length += 7) {
      Files.delete(database);
      Files.write(imageIndex, Arrays.copyOf(whole, length));
      try (Store store = open()) {
        store.awaitRestoration();
        assertTakesNewFacts(store, 2);
      }
    }
  }
}
