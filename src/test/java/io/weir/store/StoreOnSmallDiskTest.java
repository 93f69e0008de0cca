package io.weir.store;

import static io.weir.store.Stored.NGINX;
import static io.weir.store.Stored.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.testing.FakeClock;
import io.weir.testing.real.RealTest;
import io.weir.testing.real.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The store on disks that are full or read-only, from the start or all at once. */
@RealTest
class StoreOnSmallDiskTest {

  private static final long SIZE_BYTES = 6 << 20;
  private static final List<String> INDEX_FILES = List.of("index.db", "index.db-wal");

  @TempDir private Path folder;
  private final FakeClock clock = new FakeClock();

  /** The file systems that behave differently when they are full. */
  enum Kind {
    TMPFS,
    EXT4;

    SmallDisk at(Path path) {
      return switch (this) {
        case TMPFS -> SmallDisk.tmpfs(path, SIZE_BYTES);
        case EXT4 -> SmallDisk.ext4(path, SIZE_BYTES);
      };
    }
  }

  private Store open(SmallDisk disk) throws IOException {
    return Store.open(root(disk), clock, clock);
  }

  private static Path root(SmallDisk disk) {
    return disk.path().resolve("store");
  }

  private void storeAnImage(SmallDisk disk) throws IOException {
    try (Store store = open(disk)) {
      Stored.put(store, 0);
    }
  }

  private static void awaitTakesNewFacts(Store store, int number) {
    Stored.await(
        "a new fact",
        () -> {
          Stored.index(store, number);
          return Stored.isKnown(store, number);
        });
  }

  private void assertKeptAfterRestart(SmallDisk disk, int... numbers) throws IOException {
    try (Store store = open(disk)) {
      for (int number : numbers) {
        assertThat(Stored.isKnown(store, number)).as("image %d", number).isTrue();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFreshStoreOpensOnAFullDiskAndWorksWhenThereIsRoom(Kind kind) throws Exception {
    try (SmallDisk disk = kind.at(folder.resolve("disk"))) {
      disk.fill();
      try (Store store = open(disk)) {
        assertThat(store.blobs().find(Stored.digest(0))).isEmpty();
        assertThat(Stored.isKnown(store, 0)).isFalse();
        assertThatThrownBy(() -> Stored.put(store, 0)).isInstanceOf(IOException.class);

        disk.free();

        Stored.put(store, 0);
        awaitTakesNewFacts(store, 0);
      }
      assertThat(root(disk).resolve("oci-layout")).exists();
      assertKeptAfterRestart(disk, 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStoreOpensOnAFullDiskAndKnowsWhatItKnew(Kind kind) throws Exception {
    try (SmallDisk disk = kind.at(folder.resolve("disk"))) {
      storeAnImage(disk);
      disk.fill();
      try (Store store = open(disk)) {
        Stored.assertServed(store, 0);
        assertThat(Stored.isKnown(store, 0)).isTrue();

        disk.free();

        awaitTakesNewFacts(store, 1);
      }
      assertKeptAfterRestart(disk, 0, 1);
    }
  }

  /** Then there is a log, which a later start has to read in. */
  @ParameterizedTest
  @EnumSource
  void aStoreThatWasKilledOpensOnAFullDiskAndKnowsWhatItKnew(Kind kind) throws Exception {
    try (SmallDisk disk = kind.at(folder.resolve("disk"))) {
      Path killed = Files.createDirectory(folder.resolve("killed"));
      try (Store store = open(disk)) {
        Stored.put(store, 0);
        copyIndex(root(disk), killed);
      }
      copyIndex(killed, root(disk));
      disk.fill();
      try (Store store = open(disk)) {
        Stored.assertServed(store, 0);
        assertThat(Stored.isKnown(store, 0)).isTrue();

        disk.free();

        awaitTakesNewFacts(store, 1);
      }
      assertKeptAfterRestart(disk, 0, 1);
    }
  }

  private static void copyIndex(Path from, Path to) throws IOException {
    for (String name : INDEX_FILES) {
      Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStoreOpensOnAReadOnlyDiskAndKnowsWhatItKnew(Kind kind) throws Exception {
    try (SmallDisk disk = kind.at(folder.resolve("disk"))) {
      storeAnImage(disk);
      disk.readOnly();
      try (Store store = open(disk)) {
        Stored.assertServed(store, 0);
        assertThat(Stored.isKnown(store, 0)).isTrue();
        assertThatThrownBy(() -> Stored.put(store, 1)).isInstanceOf(IOException.class);

        disk.writable();

        awaitTakesNewFacts(store, 1);
        Stored.put(store, 2);
        Stored.assertServed(store, 2);
      }
      assertKeptAfterRestart(disk, 0, 1, 2);
    }
  }

  /** What its log holds cannot be known then, and so nothing is. */
  @Test
  void aStoreThatWasKilledOpensOnAReadOnlyDiskAndServesByDigest() throws Exception {
    try (SmallDisk disk = SmallDisk.tmpfs(folder.resolve("disk"), SIZE_BYTES)) {
      Path killed = Files.createDirectory(folder.resolve("killed"));
      try (Store store = open(disk)) {
        Stored.put(store, 0);
        copyIndex(root(disk), killed);
      }
      copyIndex(killed, root(disk));
      disk.readOnly();
      try (Store store = open(disk)) {
        Stored.assertServed(store, 0);
        assertThat(Stored.isKnown(store, 0)).isFalse();

        disk.writable();

        Stored.await("the index", () -> Stored.isKnown(store, 0));
      }
    }
  }

  @Test
  void aFreshStoreOpensOnAReadOnlyDisk() throws Exception {
    try (SmallDisk disk = SmallDisk.tmpfs(folder.resolve("disk"), SIZE_BYTES)) {
      disk.readOnly();
      try (Store store = open(disk)) {
        assertThat(store.blobs().find(Stored.digest(0))).isEmpty();

        disk.writable();

        awaitTakesNewFacts(store, 0);
        assertThatThrownBy(() -> open(disk)).hasMessageContaining("in use by another process");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDiskThatFillsUpInUseCostsFactsAndNothingElse(Kind kind) throws Exception {
    try (SmallDisk disk = kind.at(folder.resolve("disk"))) {
      try (Store store = open(disk)) {
        Stored.put(store, 0);
        disk.fill();
        boolean isKept = true;
        for (int i = 0; isKept; i++) {
          store.index().putDocument(NGINX, "document" + i, new byte[100_000], NOON);
          store.index().flush();
          isKept = store.index().document(NGINX, "document" + i).isPresent();
        }

        assertThat(Stored.isKnown(store, 0)).isTrue();
        Stored.assertServed(store, 0);

        disk.free();

        awaitTakesNewFacts(store, 1);
      }
      assertThat(root(disk).resolve("index.json.new")).doesNotExist();
      assertKeptAfterRestart(disk, 0, 1);
    }
  }

  @Test
  void aDamagedIndexOnAFullDiskIsMadeAnewWhenThereIsRoom() throws Exception {
    try (SmallDisk disk = SmallDisk.tmpfs(folder.resolve("disk"), SIZE_BYTES)) {
      storeAnImage(disk);
      Files.writeString(root(disk).resolve("index.db"), "no database ".repeat(400));
      disk.fill();
      try (Store store = open(disk)) {
        Stored.assertServed(store, 0);
        assertThat(Stored.isKnown(store, 0)).isFalse();

        disk.free();

        Stored.await("the restoration", () -> Stored.isKnown(store, 0));
        awaitTakesNewFacts(store, 1);
      }
      assertKeptAfterRestart(disk, 0, 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWriteThatFailsLeavesNoFile(Kind kind) throws Exception {
    try (SmallDisk disk = kind.at(folder.resolve("disk"))) {
      try (Store store = open(disk)) {
        Stored.put(store, 0);
        disk.fill();
        assertThatThrownBy(() -> Stored.put(store, 1)).isInstanceOf(IOException.class);
        assertThat(root(disk).resolve("incoming")).isEmptyDirectory();
      }
      assertThat(root(disk).resolve("index.json.new")).doesNotExist();
      assertThat(root(disk).resolve("index.json")).content().contains("\"manifests\":[]");
    }
  }

  @Test
  void lostChangesAreFollowedByOneCallWhenTheDiskTakesThemAgain() throws Exception {
    try (SmallDisk disk = SmallDisk.tmpfs(folder.resolve("disk"), SIZE_BYTES)) {
      Layout layout = new Layout(root(disk));
      Semaphore recovered = new Semaphore(0);
      try (StoreFolder store = new StoreFolder(layout);
          SqliteIndex index =
              new SqliteIndex(
                  store,
                  new FileBlobs(layout),
                  new SteadyClock(clock, clock),
                  new ImageIndexFile(layout),
                  _ -> {},
                  recovered::release)) {
        disk.fill();
        long before = index.losses();
        for (int i = 0; index.losses() == before; i++) {
          index.putDocument(NGINX, "document" + i, new byte[100_000], NOON);
          index.flush();
        }
        assertThat(recovered.availablePermits()).isZero();

        disk.free();

        assertThat(recovered.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        index.putDocument(NGINX, "after", new byte[1], NOON);
        index.flush();
        assertThat(index.document(NGINX, "after")).isPresent();
        assertThat(recovered.availablePermits()).isZero();
      }
    }
  }
}
