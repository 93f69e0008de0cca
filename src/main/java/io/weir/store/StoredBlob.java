package io.weir.store;

import io.weir.oci.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Whole, verified content on disk.
 *
 * @param digest what it hashes to
 * @param sizeBytes its length
 * @param path its file; it may be evicted at any time, so opening it can fail
 */
public record StoredBlob(Digest digest, long sizeBytes, Path path) {

  /**
   * Opens the file for reading; the caller becomes its only user. One system call, so an event loop
   * may do it.
   *
   * @throws java.nio.file.NoSuchFileException where it was evicted
   */
  public SharedFile open() throws IOException {
    return new SharedFile(FileChannel.open(path, StandardOpenOption.READ));
  }
}
