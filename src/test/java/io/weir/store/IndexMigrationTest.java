package io.weir.store;

import static io.weir.testing.StorePulls.image;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.oci.Tag;
import io.weir.testing.FakeClock;
import io.weir.testing.StorePulls;
import io.weir.testing.real.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index of version 2, which did not note what images run on, is gone on with. */
class IndexMigrationTest {

  private static final Origin NGINX = new Origin("docker.io", Repository.parse("library/nginx"));
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** More than are read at once. */
  private static final int IMAGES = 450;

  @TempDir private Path root;
  private final FakeClock clock = new FakeClock();
  private Instant checkedAt = Instant.EPOCH;

  @BeforeEach
  void writeAsVersion2Did() throws IOException, SQLException {
    try (Store store = open()) {
      StorePulls pulls = new StorePulls(store, clock);
      for (int i = 0; i < IMAGES; i++) {
        String config = config(i);
        pulls.putManifest(NGINX, image(config, "layer"));
        pulls.putBlob(NGINX, config);
      }
      pulls.pull(NGINX, "1.27", image(config(0), "layer"));
      checkedAt = store.index().tag(NGINX, new Tag("1.27")).orElseThrow().checkedAt();
    }
    sql(
        "UPDATE child SET platform = NULL",
        "DROP INDEX unread_config",
        "DROP INDEX platform_by_parent",
        "PRAGMA user_version = 2");
  }

  private static String config(int number) {
    return "{\"os\":\"linux\",\"architecture\":\"arm64\",\"comment\":\"%d\"}".formatted(number);
  }

  private Store open() throws IOException {
    return Store.open(root, clock, clock);
  }

  private void sql(String... statements) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + root.resolve("index.db"));
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  private static long found(Store store) {
    ImageFilter filter =
        new ImageFilter(Optional.empty(), Optional.empty(), List.of("arm64"), Optional.empty());
    return store.inventory().images(filter, null, 1).total();
  }

  private static void awaitAll(Store store) {
    assertThat(Await.until(LIMIT, () -> found(store) == IMAGES)).isTrue();
  }

  @Test
  void whatImagesRunOnIsReadInTheBackgroundAndAllElseIsKept() throws Exception {
    try (Store store = open()) {
      awaitAll(store);
      assertThat(store.index().tag(NGINX, new Tag("1.27")).orElseThrow().checkedAt())
          .isEqualTo(checkedAt);
      assertThat(root.resolve("index.db.damaged")).doesNotExist();
    }
  }

  @Test
  void itIsReadOnce() throws Exception {
    try (Store store = open()) {
      awaitAll(store);
      assertThat(Await.until(LIMIT, () -> store.inventory().note("unread-configs").isEmpty()))
          .isTrue();
    }
    sql("UPDATE child SET platform = NULL");
    try (Store store = open()) {
      store.index().flush();
      assertThat(found(store)).isZero();
    }
  }

  /** Closed, or killed, in the middle. */
  @Test
  void whatWasCutShortIsGoneOnWith() throws Exception {
    open().close();
    try (Store store = open()) {
      awaitAll(store);
    }
  }

  @Test
  void anImageWhoseFileIsGoneHoldsUpNothing() throws Exception {
    try (var files = Files.list(root.resolve("blobs/sha256"))) {
      Files.delete(files.sorted().findFirst().orElseThrow());
    }
    try (Store store = open()) {
      assertThat(Await.until(LIMIT, () -> found(store) >= IMAGES - 1)).isTrue();
      assertThat(Await.until(LIMIT, () -> store.inventory().note("unread-configs").isEmpty()))
          .isTrue();
    }
  }

  @Test
  void anOlderIndexIsMadeAnew() throws Exception {
    sql("PRAGMA user_version = 1");
    try (Store store = open()) {
      store.awaitRestoration();
      assertThat(store.index().tag(NGINX, new Tag("1.27"))).isPresent();
      assertThat(root.resolve("index.db.damaged")).exists();
    }
  }
}
