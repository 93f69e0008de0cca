package io.weir.retention;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.weir.oci.Digest;
import io.weir.oci.ImagePattern;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.oci.Tag;
import io.weir.store.PinFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which images stay whatever happens: those of the configuration, and those added since. */
public final class Pins {

  private static final Logger LOG = LoggerFactory.getLogger(Pins.class);

  private final PinFile file;
  private volatile List<ImagePattern> configured = List.of();
  private volatile List<ImagePattern> added;

  @GuardedBy("this") private boolean mayWrite = true;

  /** Reads what was added before. */
  public Pins(PinFile file) {
    this.file = file;
    List<ImagePattern> read = new ArrayList<>();
    try {
      for (String line : file.read()) {
        try {
          read.add(ImagePattern.parse(line));
        } catch (OciException e) {
          LOG.warn("a line of the file of pins is left out: {}", e.getMessage());
        }
      }
    } catch (IOException e) {
      LOG.error(
          "the file of pins cannot be read; nothing is evicted by size or age: {}", e.toString());
      read.add(ImagePattern.parse("**"));
      mayWrite = false;
    }
    this.added = List.copyOf(read);
  }

  /** Those that the configuration names. */
  public List<ImagePattern> configured() {
    return configured;
  }

  /** Those that were added. */
  public List<ImagePattern> added() {
    return added;
  }

  void configure(List<ImagePattern> patterns) {
    configured = List.copyOf(patterns);
  }

  /**
   * Keeps what {@code pattern} matches, now and later. Durable on return.
   *
   * @return false where it was there already
   */
  public synchronized boolean add(ImagePattern pattern) throws IOException {
    if (added.contains(pattern)) {
      return false;
    }
    List<ImagePattern> more = new ArrayList<>(added);
    more.add(pattern);
    replace(more);
    return true;
  }

  /**
   * Keeps it no longer. Durable on return.
   *
   * @return false where it was not among those added
   */
  public synchronized boolean remove(ImagePattern pattern) throws IOException {
    List<ImagePattern> fewer = new ArrayList<>(added);
    if (!fewer.remove(pattern)) {
      return false;
    }
    replace(fewer);
    return true;
  }

  @GuardedBy("this") private void replace(List<ImagePattern> patterns) throws IOException {
    if (!mayWrite) {
      throw new IOException("the file of pins could not be read at start; mend it and start again");
    }
    file.write(patterns.stream().map(ImagePattern::toString).toList());
    added = List.copyOf(patterns);
  }

  /** Whether the image stays whatever happens. */
  public boolean isPinned(Origin origin, Digest digest, Collection<Tag> tags) {
    return matchesAny(configured, origin, digest, tags) || matchesAny(added, origin, digest, tags);
  }

  private static boolean matchesAny(
      List<ImagePattern> patterns, Origin origin, Digest digest, Collection<Tag> tags) {
    return patterns.stream().anyMatch(pattern -> pattern.matches(origin, digest, tags));
  }

  boolean areNone() {
    return configured.isEmpty() && added.isEmpty();
  }
}
