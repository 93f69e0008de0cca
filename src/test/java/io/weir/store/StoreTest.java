package io.weir.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.oci.Digest;
import io.weir.oci.Manifest;
import io.weir.oci.MediaType;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import io.weir.testing.FakeClock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {

  private static final Origin NGINX = new Origin("docker.io", Repository.parse("library/nginx"));
  private static final Origin OTHER = new Origin("quay.io", Repository.parse("team/app"));
  private static final Tag LATEST = new Tag("latest");
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  private static final Digest LAYER =
      Digest.Algorithm.SHA256.of("layer".getBytes(StandardCharsets.UTF_8));
  private static final byte[] MANIFEST =
      """
      {"schemaVersion":2,"mediaType":"%s","config":{"digest":"%s","size":5},"layers":[]}\
      """
          .formatted(MediaType.OCI_MANIFEST, LAYER)
          .getBytes(StandardCharsets.UTF_8);
  private static final Digest DIGEST = Digest.Algorithm.SHA256.of(MANIFEST);

  @TempDir private Path root;

  private final FakeClock clock = new FakeClock();

  private Store open() throws IOException {
    return Store.open(root, clock, clock);
  }

  private static void putImage(Store store) throws IOException {
    store.blobs().put(DIGEST, MANIFEST);
    store.index().putManifest(NGINX, DIGEST, Manifest.parse(MANIFEST, null), MANIFEST.length, NOON);
    store.index().putTag(NGINX, LATEST, DIGEST, NOON);
    store.index().flush();
  }

  @Test
  void factsSurviveARestart() throws IOException {
    try (Store store = open()) {
      putImage(store);
      store.index().putDocument(NGINX, "tags", new byte[] {'[', ']'}, NOON);
    }
    try (Store store = open()) {
      Index index = store.index();
      assertThat(index.tag(NGINX, LATEST)).hasValue(new Index.TagRow(DIGEST, NOON));
      assertThat(index.mediaType(DIGEST)).hasValue(MediaType.OCI_MANIFEST);
      assertThat(index.content(NGINX, DIGEST).isLinked()).isTrue();
      assertThat(index.content(OTHER, DIGEST).isLinked()).isFalse();
      assertThat(index.content(NGINX, LAYER).isLinked()).as("a mention shows nothing").isFalse();
      assertThat(index.document(NGINX, "tags").orElseThrow().content())
          .isEqualTo(new byte[] {'[', ']'});
      assertThat(index.repositories(null)).containsExactly(NGINX);
      assertThat(index.repositories("quay.io")).isEmpty();
    }
  }

  @Test
  void aMovedTagMeansTheNewDigestAndARemovedOneNothing() throws IOException {
    try (Store store = open()) {
      putImage(store);
      store.index().putTag(NGINX, LATEST, LAYER, NOON.plusSeconds(60));
      store.index().flush();
      assertThat(store.index().tag(NGINX, LATEST))
          .hasValue(new Index.TagRow(LAYER, NOON.plusSeconds(60)));
      store.index().removeTag(NGINX, LATEST);
      store.index().flush();
      assertThat(store.index().tag(NGINX, LATEST)).isEmpty();
    }
  }

  @Test
  void pullTimesAreWrittenInBatches() throws IOException, SQLException {
    try (Store store = open()) {
      putImage(store);
      for (int i = 0; i < 1000; i++) {
        clock.advance(Duration.ofSeconds(1));
        store.index().pulled(NGINX, DIGEST);
      }
      store.index().flush();
    }
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + root.resolve("index.db"));
        ResultSet row =
            connection
                .createStatement()
                .executeQuery("SELECT pulled_at FROM link WHERE pulled_at IS NOT NULL")) {
      assertThat(row.next()).isTrue();
      assertThat(Instant.ofEpochMilli(row.getLong(1))).isEqualTo(clock.instant());
    }
  }

  @Test
  void aSecondProcessIsRefusedAndToldWhatToDo() throws IOException {
    try (Store first = open()) {
      assertThat(first.index()).isNotNull();
      assertThatThrownBy(() -> open())
          .isInstanceOf(IOException.class)
          .hasMessageContaining(
              "is in use by another process (process " + ProcessHandle.current().pid() + ")")
          .hasMessageContaining("--data");
    }
    open().close();
  }

  @Test
  void aFolderThatCannotBeMadeIsNamedWithTheReason() throws IOException {
    Path file = Files.createFile(root.resolve("file"));
    assertThatThrownBy(() -> Store.open(file.resolve("store"), clock, clock))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot create the store folder " + file.resolve("store"));
  }

  @Test
  void theFolderIsAnOciImageLayoutThatNamesItsImages() throws IOException {
    try (Store store = open()) {
      putImage(store);
    }
    assertThat(root.resolve("oci-layout")).hasContent("{\"imageLayoutVersion\":\"1.0.0\"}");
    assertThat(Files.readString(root.resolve("index.json")))
        .contains(DIGEST.toString())
        .contains("\"org.opencontainers.image.ref.name\" : \"docker.io/library/nginx:latest\"");
  }

  @Test
  void aLostIndexIsMadeAnewFromTheLayoutAndItsTagsAreUnchecked() throws Exception {
    try (Store store = open()) {
      putImage(store);
    }
    Files.delete(root.resolve("index.db"));
    try (Store store = open()) {
      awaitTag(store);
      assertThat(store.index().tag(NGINX, LATEST))
          .hasValue(new Index.TagRow(DIGEST, Instant.EPOCH));
      assertThat(store.index().content(NGINX, DIGEST).isLinked()).isTrue();
    }
  }

  @Test
  void aTornIndexIsSetAsideAndMadeAnew() throws Exception {
    try (Store store = open()) {
      putImage(store);
    }
    Path index = root.resolve("index.db");
    for (long length :
        new long[] {0, 1, 99, 100, 1000, 4096, 4097, 12_288, Files.size(index) - 1}) {
      try (RandomAccessFile file = new RandomAccessFile(index.toFile(), "rw")) {
        file.setLength(Math.min(length, file.length()));
      }
      try (Store store = open()) {
        awaitTag(store);
        assertThat(store.blobs().read(DIGEST, 10_000)).as("cut to %d", length).hasValue(MANIFEST);
      }
    }
  }

  @Test
  void anIndexThatIsNoDatabaseIsSetAside() throws Exception {
    try (Store store = open()) {
      putImage(store);
    }
    Files.writeString(
        root.resolve("index.db"), "this is no database, whatever its name says ".repeat(100));
    try (Store store = open()) {
      awaitTag(store);
      assertThat(root.resolve("index.db.damaged")).exists();
    }
  }

  @Test
  void anIndexDamagedWhileItIsOpenIsReplacedAndTakesNewFacts() throws Exception {
    try (Store store = open()) {
      putImage(store);
      store.index().flush();
    }
    try (Store store = open()) {
      try (RandomAccessFile file = new RandomAccessFile(root.resolve("index.db").toFile(), "rw")) {
        file.seek(4096);
        file.write(new byte[(int) file.length() - 4096]);
      }
      for (int i = 0; i < 50; i++) {
        store.index().putTag(OTHER, new Tag("t" + i), DIGEST, NOON);
        store.index().flush();
        var _ = store.index().tag(OTHER, new Tag("t" + i));
      }
      store.index().putTag(OTHER, LATEST, DIGEST, NOON);
      store.index().flush();
      assertThat(store.index().tag(OTHER, LATEST)).isPresent();
      awaitTag(store);
    }
  }

  /** A full disk, or a folder where there should be a file: nothing is wrong with what is there. */
  @Test
  void anIndexThatCannotBeOpenedForAnotherReasonIsLeftAsItIs() throws IOException {
    try (Store store = open()) {
      putImage(store);
    }
    Path log = Files.createDirectory(root.resolve("index.db-wal"));
    assertThatThrownBy(() -> open()).isInstanceOf(IOException.class);
    assertThat(root.resolve("index.db.damaged")).doesNotExist();
    Files.delete(log);
    try (Store store = open()) {
      assertThat(store.index().tag(NGINX, LATEST)).hasValue(new Index.TagRow(DIGEST, NOON));
    }
  }

  private static void awaitTag(Store store) {
    store.awaitRestoration();
    store.index().flush();
    assertThat(store.index().tag(NGINX, LATEST)).isPresent();
  }
}
