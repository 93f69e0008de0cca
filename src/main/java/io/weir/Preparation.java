package io.weir;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.weir.store.Store;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * What every start needs, whatever the configuration says: it is begun before that is known, on a
 * thread of its own, while another reads the command line. Thread-safe.
 */
public final class Preparation implements AutoCloseable {

  private final CompletableFuture<Vertx> vertx = new CompletableFuture<>();

  private Preparation() {}

  /** Begins. Returns at once. */
  public static Preparation begin() {
    Preparation preparation = new Preparation();
    Thread _ = Thread.ofPlatform().name("prepare").daemon().start(preparation::run);
    return preparation;
  }

  private void run() {
    try {
      Store.prepare();
    } catch (IOException e) {
      // Whoever opens the store is told.
    }
    try {
      vertx.complete(Vertx.vertx(options()));
    } catch (RuntimeException | Error e) {
      vertx.completeExceptionally(e);
    }
  }

  /** Vert.x's cache of files from the class path is not needed, and a killed process leaves it. */
  private static VertxOptions options() {
    return new VertxOptions()
        .setPreferNativeTransport(true)
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }

  /** Vert.x, as soon as it is there. It is this preparation's to close. */
  Vertx vertx() {
    return vertx.join();
  }

  @Override
  public void close() {
    vertx.join().close().await();
  }
}
