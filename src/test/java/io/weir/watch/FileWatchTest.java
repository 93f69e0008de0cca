package io.weir.watch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class FileWatchTest {

  @TempDir private Path folder;
  @AutoClose private final FileWatch watch = new FileWatch();
  private final AtomicInteger told = new AtomicInteger();
  private Path first;
  private Path second;

  @BeforeEach
  void makeFiles() throws IOException {
    first = Files.writeString(folder.resolve("first"), "1");
    second = Files.writeString(folder.resolve("second"), "1");
  }

  private FileWatch.Watched watched(Path... files) {
    return watch.on(List.of(files), told::incrementAndGet);
  }

  /** How often it was told in the two looks that a change takes. */
  private int look() {
    watch.look();
    watch.look();
    return told.getAndSet(0);
  }

  @Test
  void whatStaysAsItIsIsNoNews() {
    watched(first, second);
    assertThat(look()).isZero();
  }

  @Test
  void anyOfThemIsNewsOnce() throws IOException {
    watched(first, second);
    Files.writeString(second, "22");
    assertThat(look()).isEqualTo(1);
    assertThat(look()).isZero();
  }

  /** As {@code cp -p} of another certificate of the same length, made in the same second. */
  @Test
  void theSameLengthAndTimeOfModificationHideNothing() throws IOException {
    FileTime modified = Files.getLastModifiedTime(first);
    Object changed = Files.getAttribute(first, "unix:ctime");
    watched(first);
    do { // until the kernel's clock has ticked, which takes some kernels milliseconds
      Files.writeString(first, "2");
      Files.setLastModifiedTime(first, modified);
    } while (Files.getAttribute(first, "unix:ctime").equals(changed));
    assertThat(look()).isEqualTo(1);
  }

  @Test
  void aRenameIsNewsAsCertbotDoesIt() throws IOException {
    watched(first);
    Files.move(second, first, StandardCopyOption.ATOMIC_MOVE);
    assertThat(look()).isEqualTo(1);
  }

  @Test
  void aLinkOnTheWayIsNewsAsKubernetesDoesIt() throws IOException {
    Path old = Files.createDirectory(folder.resolve("..2026_01"));
    Path fresh = Files.createDirectory(folder.resolve("..2026_02"));
    Files.copy(first, old.resolve("tls.crt"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.copy(first, fresh.resolve("tls.crt"), StandardCopyOption.COPY_ATTRIBUTES);
    Path data = Files.createSymbolicLink(folder.resolve("..data"), old.getFileName());
    Path file =
        Files.createSymbolicLink(folder.resolve("tls.crt"), Path.of("..data").resolve("tls.crt"));
    watched(file);

    Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), fresh.getFileName());
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
    assertThat(look()).isEqualTo(1);
  }

  @Test
  void comingGoingAndOtherPermissionsAreNews() throws IOException {
    watched(first);
    Files.setPosixFilePermissions(first, PosixFilePermissions.fromString("rw-------"));
    assertThat(look()).isEqualTo(1);
    Files.delete(first);
    assertThat(look()).isEqualTo(1);
    Files.writeString(first, "1");
    assertThat(look()).isEqualTo(1);
  }

  /** A key and its certificate are two files, and nobody can replace both at once. */
  @Test
  void whileTheyChangeNobodyIsTold() throws IOException {
    watched(first, second);
    Files.writeString(first, "key");
    watch.look();
    Files.writeString(second, "certificate");
    watch.look();
    assertThat(told).hasValue(0);
    watch.look();
    assertThat(told).hasValue(1);
  }

  @Test
  void whoCouldNotUseThemIsToldAgain() {
    FileWatch.Watched watched = watched(first);
    watched.again();
    assertThat(look()).isEqualTo(1);
    assertThat(look()).isZero();
  }

  @Test
  void whoFailsIsToldOfTheNextChange() throws IOException {
    watch.on(
        List.of(first),
        () -> {
          told.incrementAndGet();
          throw new IllegalStateException("cannot use it");
        });
    watched(first);
    Files.writeString(first, "22");
    assertThat(look()).isEqualTo(2);
    Files.writeString(first, "333");
    assertThat(look()).isEqualTo(2);
  }

  @Test
  void whoHasClosedIsToldNothing() throws IOException {
    watched(first).close();
    Files.writeString(first, "22");
    assertThat(look()).isZero();
  }

  @Test
  void itLooksByItself() throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    watch.on(List.of(first), called::countDown);
    watch.start();
    Files.write(first, "22".getBytes(UTF_8));
    called.await();
  }
}
