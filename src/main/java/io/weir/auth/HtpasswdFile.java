package io.weir.auth;

import io.weir.config.ConfigException;
import io.weir.watch.FileWatch;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An htpasswd file, and what it last said that can be used. It is read again when it has changed,
 * until this is closed. Thread-safe.
 */
final class HtpasswdFile implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HtpasswdFile.class);

  private final Path path;
  private final FileWatch.Watched watched;
  private volatile Htpasswd content;

  /**
   * Reads a file.
   *
   * @throws ConfigException where it cannot be used
   */
  HtpasswdFile(Path path, FileWatch watch) {
    this.path = path;
    this.watched = watch.on(List.of(path), this::reread); // before it is read: no change is missed
    try {
      this.content = Htpasswd.read(path);
    } catch (ConfigException e) {
      watched.close();
      throw e;
    }
  }

  /** What is in force. */
  Htpasswd content() {
    return content;
  }

  /** What cannot be used is told, and what was in force stays so. */
  private void reread() {
    try {
      content = Htpasswd.read(path);
      LOG.info("{} was read again", path);
    } catch (ConfigException e) {
      e.problems().forEach(problem -> LOG.warn("the users stay as they were: {}", problem));
    }
  }

  @Override
  public void close() {
    watched.close();
  }
}
