package io.weir.testing.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@RealTest
final class SmallDiskTest {

  private static final long SIZE_BYTES = 4 << 20;

  @TempDir private Path folder;

  static Stream<Arguments> disks() {
    BiFunction<Path, Long, SmallDisk> tmpfs = SmallDisk::tmpfs;
    BiFunction<Path, Long, SmallDisk> ext4 = SmallDisk::ext4;
    return Stream.of(Arguments.of("tmpfs", tmpfs), Arguments.of("ext4", ext4));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("disks")
  void aFullDiskTakesNoByteUntilItIsFreed(String name, BiFunction<Path, Long, SmallDisk> make)
      throws Exception {
    try (SmallDisk disk = make.apply(folder.resolve("disk"), SIZE_BYTES)) {
      Path file = disk.path().resolve("file");
      Files.write(file, new byte[4096]);

      disk.fill();

      assertThat(disk.path().toFile().getUsableSpace()).as(name).isZero();
      assertThatThrownBy(() -> Files.write(disk.path().resolve("other"), new byte[1]))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space left on device");
      assertThat(file).hasSize(4096);

      disk.free();

      Files.write(file, new byte[1 << 20]);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("disks")
  void aReadOnlyDiskIsReadAndNotWritten(String name, BiFunction<Path, Long, SmallDisk> make)
      throws Exception {
    try (SmallDisk disk = make.apply(folder.resolve("disk"), SIZE_BYTES)) {
      Path file = Files.writeString(disk.path().resolve("file"), "kept");

      disk.readOnly();

      assertThat(file).as(name).hasContent("kept");
      assertThatThrownBy(() -> Files.writeString(file, "lost"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("Read-only file system");

      disk.writable();

      Files.writeString(file, "changed");
    }
  }

  @Test
  void aDiskInMemoryGrows() throws Exception {
    try (SmallDisk disk = SmallDisk.tmpfs(folder.resolve("disk"), SIZE_BYTES)) {
      disk.fill();
      disk.grow(2 * SIZE_BYTES);

      Files.write(disk.path().resolve("file"), new byte[1 << 20]);
    }
  }

  @Test
  void nothingStaysMountedThoughAFileIsOpen() throws Exception {
    Path at = folder.resolve("disk");
    SmallDisk disk = SmallDisk.tmpfs(at, SIZE_BYTES);
    try (var out = Files.newOutputStream(at.resolve("file"))) {
      disk.readOnly();
      disk.close();

      out.write(1);
      assertThat(at).isEmptyDirectory();
      assertThat(Path.of("/proc/self/mountinfo")).content().doesNotContain(at.toString());
    }
  }
}
