package io.weir.store;

import io.weir.oci.Digest;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A walk over the files below {@code blobs/}, by name only, however many there are. Used by one
 * thread.
 */
public final class BlobWalk implements AutoCloseable {

  private final Layout layout;
  private final Deque<Digest.Algorithm> ahead = new ArrayDeque<>();
  private Digest.Algorithm algorithm;
  private @Nullable DirectoryStream<Path> folder;
  private Iterator<Path> files = Collections.emptyIterator();
  private long strangers;

  BlobWalk(Layout layout) {
    this.layout = layout;
    Collections.addAll(ahead, Digest.Algorithm.values());
    this.algorithm = ahead.getFirst();
  }

  /**
   * The next files.
   *
   * @param max how many at most
   * @return empty at the end
   */
  public List<Digest> next(int max) throws IOException {
    List<Digest> digests = new ArrayList<>();
    try {
      while (digests.size() < max && advance()) {
        Layout.digest(algorithm, files.next()).ifPresentOrElse(digests::add, () -> strangers++);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return digests;
  }

  /** How many files were passed so far whose name is no digest. */
  public long strangers() {
    return strangers;
  }

  @SuppressWarnings("StreamResourceLeak") // closed by the next one, or by close()
  private boolean advance() throws IOException {
    while (!files.hasNext()) {
      if (ahead.isEmpty()) {
        return false;
      }
      close();
      algorithm = ahead.removeFirst();
      try {
        DirectoryStream<Path> opened = Files.newDirectoryStream(layout.blobFolder(algorithm));
        folder = opened;
        files = opened.iterator();
      } catch (NoSuchFileException e) {
        files = Collections.emptyIterator();
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    if (folder != null) {
      folder.close();
      folder = null;
    }
  }
}
