package io.weir.testing.real;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file system of its own, so small that a test fills it: what a program does when its disk is
 * full or read-only shows only on a real one. Mounting needs root; where it is not allowed the test
 * is skipped. Closing unmounts, also while a program still has files open there.
 */
public final class SmallDisk implements AutoCloseable {

  private static final int CHUNK_BYTES = 1 << 20;

  private final Path path;
  private final @Nullable SmallDisk below;

  private SmallDisk(Path path, @Nullable SmallDisk below) {
    this.path = path;
    this.below = below;
  }

  /**
   * A disk in memory.
   *
   * @param at a folder, made if needed; what is in it is hidden until {@link #close}
   * @param bytes how much it takes, rounded up to pages of the machine
   */
  public static SmallDisk tmpfs(Path at, long bytes) {
    Programs.requireRoot();
    return mounted(at, null, "-t", "tmpfs", "-o", "size=" + bytes, "weir-test");
  }

  /**
   * An ext4 in a file beside {@code at}, with the name {@code at} and {@code .img} behind.
   *
   * @param at a folder, made if needed; what is in it is hidden until {@link #close}
   * @param bytes the size of the file, of which ext4 needs a part for itself; at least 1 MiB
   */
  public static SmallDisk ext4(Path at, long bytes) {
    return ext4(at, at.resolveSibling(at.getFileName() + ".img"), bytes, null);
  }

  /**
   * An ext4 that promises more than it has: it takes writes, and fails when they are to be forced,
   * or later, as a dying disk does.
   *
   * @param promisedBytes its size
   * @param bytes how much of it there is
   */
  public static SmallDisk dying(Path at, long promisedBytes, long bytes) {
    SmallDisk below = tmpfs(at.resolveSibling(at.getFileName() + ".below"), bytes);
    try {
      return ext4(at, below.path.resolve("img"), promisedBytes, below);
    } catch (RuntimeException | Error e) {
      below.close();
      throw e;
    }
  }

  private static SmallDisk ext4(Path at, Path image, long bytes, @Nullable SmallDisk below) {
    Programs.requireRoot();
    Programs.require("mkfs.ext4");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // No part of it is kept for root, who runs the test.
    Command.of("mkfs.ext4", "-q", "-F", "-m", "0", image.toString()).run().orFail();
    return mounted(at, below, "-o", "loop", image.toString());
  }

  private static SmallDisk mounted(Path at, @Nullable SmallDisk below, String... arguments) {
    try {
      Files.createDirectories(at);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Command.Outcome outcome = Command.of("mount").with(arguments).with(at.toString()).run();
    if (!outcome.ok()) {
      Programs.skip("cannot mount here: " + outcome.errors().strip());
    }
    return new SmallDisk(at, below);
  }

  /** Its folder. */
  public Path path() {
    return path;
  }

  /** Fills it to the last byte, with one file; again, where room came back since. */
  public void fill() {
    try (FileChannel channel =
        FileChannel.open(filler(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (fill(channel)) {
        channel.force(true); // what ext4 had reserved and did not need is free only now
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes ever smaller pieces until not one byte is taken; returns whether any was. */
  private static boolean fill(FileChannel channel) {
    boolean wrote = false;
    int bytes = CHUNK_BYTES;
    while (bytes > 0) {
      try {
        wrote |= channel.write(ByteBuffer.allocate(bytes)) > 0;
      } catch (IOException _) {
        bytes /= 2;
      }
    }
    return wrote;
  }

  /** Takes away what {@link #fill} wrote. */
  public void free() {
    try {
      Files.deleteIfExists(filler());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path filler() {
    return path.resolve("filler");
  }

  /** Gives a disk in memory this many bytes in all. */
  public void grow(long bytes) {
    mount("-o", "remount,size=" + bytes);
  }

  /**
   * Makes it read-only for whatever is opened from now on. Files that are open for writing stay so,
   * and are why the disk itself cannot be made read-only: this lays a second, read-only mount over
   * the first.
   */
  public void readOnly() {
    mount("--bind", path.toString());
    mount("-o", "remount,ro,bind");
  }

  /** Takes {@link #readOnly} back. */
  public void writable() {
    Command.of("umount", "--lazy", path.toString()).run().orFail();
  }

  private void mount(String... arguments) {
    Command.of("mount").with(arguments).with(path.toString()).run().orFail();
  }

  @Override
  public void close() {
    Scratch.unmountBelow(path);
    if (below != null) {
      below.close();
    }
  }
}
