package io.weir.upstream;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small file, read when it is first needed and again when it has changed: another modification
 * time, another size, or another file, as when Kubernetes turns the symbolic link of a mounted
 * secret to a new one. One that can no longer be read leaves its last content in force: it is being
 * replaced. Thread-safe; two threads may read it at once.
 *
 * @param <T> what its content means
 */
final class WatchedFile<T> {

  private static final Logger log = LoggerFactory.getLogger(WatchedFile.class);

  private final String upstream;
  private final Path path;
  private final Parser<T> parser;
  private final InstantSource clock;
  private volatile @Nullable Content<T> content;
  private volatile CredentialStatus.@Nullable Failure failure;

  /** Makes a value of a file's content. */
  interface Parser<T> {

    /**
     * The value.
     *
     * @throws IOException where the content has none; the message may be shown to anybody
     */
    T parse(byte[] content) throws IOException;
  }

  /**
   * A file as it was read.
   *
   * @param since when these bytes were first seen
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by Arrays.equals
  record Content<T>(Stamp stamp, byte[] bytes, T value, Instant since) {}

  /**
   * What tells that a file has changed.
   *
   * @param file which one it is, where the file system says so
   */
  private record Stamp(FileTime modified, long sizeBytes, @Nullable Object file) {}

  WatchedFile(String upstream, Path path, Parser<T> parser, InstantSource clock) {
    this.upstream = upstream;
    this.path = path;
    this.parser = parser;
    this.clock = clock;
  }

  /**
   * Its content.
   *
   * @throws UpstreamException {@code DENIED} where it could never be read
   */
  Content<T> read() {
    return read(false);
  }

  /**
   * Its content, read anew: two changes may look the same within the resolution of the time.
   *
   * @throws UpstreamException as {@link #read}
   */
  Content<T> reread() {
    return read(true);
  }

  private Content<T> read(boolean evenIfUnchanged) {
    Content<T> known = content;
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      Stamp stamp =
          new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
      if (known != null && known.stamp.equals(stamp) && !evenIfUnchanged) {
        failure = null; // it may have been away for a moment
        return known;
      }
      byte[] bytes = Files.readAllBytes(path);
      boolean isSame = known != null && Arrays.equals(known.bytes, bytes);
      Content<T> fresh =
          known != null && isSame
              ? new Content<>(stamp, bytes, known.value, known.since)
              : new Content<>(stamp, bytes, parser.parse(bytes), clock.instant());
      content = fresh;
      failure = null;
      return fresh;
    } catch (IOException e) {
      String reason = path.getFileName() + " cannot be read" + because(e);
      failed(reason);
      if (known != null) {
        return known;
      }
      throw CredentialSource.unusable(upstream, reason);
    }
  }

  /** The system's messages name the whole path, which clients need not know. */
  private static String because(IOException e) {
    if (e instanceof NoSuchFileException) {
      return ": it is not there";
    }
    return e instanceof FileSystemException ? "" : ": " + e.getMessage();
  }

  private void failed(String reason) {
    CredentialStatus.Failure before = failure;
    if (before == null || !before.reason().equals(reason)) {
      log.warn("{}: {} ({})", upstream, reason, path);
    }
    failure = new CredentialStatus.Failure(reason, clock.instant());
  }

  /** When what it says now was first seen; empty where it was not read yet. */
  Optional<Instant> since() {
    return Optional.ofNullable(content).map(Content::since);
  }

  /** Why it could not be read when that was last tried; empty where it could. */
  Optional<CredentialStatus.Failure> failure() {
    return Optional.ofNullable(failure);
  }
}
