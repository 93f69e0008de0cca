package io.weir.testing.real;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A temporary folder that a program fills. Its name is short, because the path of a Unix socket has
 * at most 107 bytes. Closing removes it, after unmounting what a container runtime left mounted
 * below: dockerd, for instance, mounts its data folder onto itself.
 */
public final class Scratch implements AutoCloseable {

  private final Path folder;

  private Scratch(Path folder) {
    this.folder = folder;
  }

  /** A new folder {@code weir-NAME-…} in the default place of temporary files. */
  public static Scratch folder(String name) {
    try {
      return new Scratch(Files.createTempDirectory("weir-" + name + "-"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The folder itself. */
  public Path path() {
    return folder;
  }

  /** A file or folder in it, which need not exist. */
  public Path resolve(String name) {
    return folder.resolve(name);
  }

  /** A folder in it, made if needed. */
  public Path subfolder(String name) {
    try {
      return Files.createDirectories(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a file in it, with the folders above. */
  public Path write(String name, String text) {
    try {
      Path file = folder.resolve(name);
      Files.createDirectories(file.resolveSibling("."));
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      unmountBelow(folder);
      delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }

  /** Takes away every mount at or below {@code folder}, the newest first, in use or not. */
  static void unmountBelow(Path folder) {
    // mountinfo(5): the fifth column is the mount point; the last line is the newest mount.
    try {
      List<Path> mounted =
          Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
              .map(line -> Path.of(line.split(" ", 6)[4]))
              .filter(point -> point.startsWith(folder))
              .toList();
      for (Path point : mounted.reversed()) {
        Command.of("umount", "--lazy", point.toString()).run().orFail();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
