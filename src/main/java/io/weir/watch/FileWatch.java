package io.weir.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when files have changed: written in place, replaced by a rename (certbot), or by a link
 * somewhere on the way to them that now leads elsewhere (Kubernetes' {@code ..data}); also when
 * they come, go, or get other permissions.
 *
 * <p>It looks at them every two seconds, all on one virtual thread, {@code watch}. The kernel's own
 * notifications would need a watch on each folder and each link on the way, made anew whenever one
 * of them moves, and do not come at all from network file systems; a look costs a few microseconds
 * for each file.
 *
 * <p>A change is told when two looks in a row have seen the same, so that of files that belong
 * together and are replaced one after the other nobody reads half. Thread-safe.
 */
public final class FileWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);

  private static final Duration PERIOD = Duration.ofSeconds(2);

  private final List<Watched> all = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("watch").factory());

  /** Begins to look by itself. Until then, and where this is not called, {@link #look} does. */
  public void start() {
    thread.scheduleWithFixedDelay(
        this::look, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Calls {@code changed} after each change of one of {@code files} from now on, so it is to be
   * called before they are read. Calls come one at a time, on the watch's thread, and may block;
   * one that throws is logged, and called again after the next change only.
   *
   * @param files which need not exist
   */
  public Watched on(Collection<Path> files, Runnable changed) {
    Watched watched = new Watched(files, changed);
    all.add(watched);
    return watched;
  }

  /** Looks at all files once, now. */
  public synchronized void look() {
    all.forEach(Watched::look);
  }

  /** Stops looking. Waits for a call that is under way. */
  @Override
  public void close() {
    all.clear();
    thread.close();
  }

  /** Files that are watched, until this is closed. */
  public final class Watched implements AutoCloseable {

    private final List<Path> files;
    private final Runnable changed;
    private Map<Path, Identity> seen; // guarded by the watch
    private volatile @Nullable Map<Path, Identity> told;

    private Watched(Collection<Path> files, Runnable changed) {
      this.files = List.copyOf(files);
      this.changed = changed;
      this.seen = identities();
      this.told = seen;
    }

    /** Calls once more, soon, as if the files had changed: for who could not use them yet. */
    public void again() {
      told = null;
    }

    private void look() {
      Map<Path, Identity> now = identities();
      boolean isSettled = now.equals(seen);
      seen = now;
      if (isSettled && !now.equals(told)) {
        told = now;
        tell();
      }
    }

    private void tell() {
      try {
        changed.run();
      } catch (RuntimeException e) {
        LOG.error("what follows from a change of {} failed", files, e);
      }
    }

    private Map<Path, Identity> identities() {
      Map<Path, Identity> identities = new HashMap<>();
      files.forEach(file -> identities.put(file, Identity.of(file)));
      return identities;
    }

    /** Watches them no longer. A call that is under way goes on. */
    @Override
    public void close() {
      all.remove(this);
    }
  }

  /**
   * What tells one content of a file from another, without reading it: which file it is at the end
   * of all links, and when it last changed. That time is the kernel's, which no program can set
   * back, as {@code cp -p} and {@code rsync} do with the time of modification.
   *
   * @see <a href="https://man7.org/linux/man-pages/man7/inode.7.html">inode(7), ctime</a>
   */
  private record Identity(Map<String, Object> attributes) {

    static final Identity ABSENT = new Identity(Map.of());

    static Identity of(Path file) {
      try {
        return new Identity(Files.readAttributes(file, "unix:dev,ino,size,mode,ctime"));
      } catch (IOException e) {
        return ABSENT; // also where it is out of reach: nothing of it can be read
      }
    }
  }
}
