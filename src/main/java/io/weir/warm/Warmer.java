package io.weir.warm;

import io.weir.cache.Cache;
import io.weir.config.Config;
import io.weir.tracing.Tracing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fetches images ahead of need. Thread-safe. */
public final class Warmer {

  private static final Logger LOG = LoggerFactory.getLogger(Warmer.class);

  /** So that manifests of one are asked for while blobs of another come. */
  private static final int IMAGES_AT_ONCE = 4;

  private final Cache cache;
  private final Supplier<Config> config;
  private final Tracing tracing;

  /**
   * @param config what is in force at the moment
   * @param tracing where the trace of each image begins
   */
  public Warmer(Cache cache, Supplier<Config> config, Tracing tracing) {
    this.cache = cache;
    this.config = config;
    this.tracing = tracing;
  }

  /**
   * Fetches images, each just as a client's pull would, until all that is wanted of them is stored.
   * That is a pull of each: it begins to age anew. Blocks until all have been tried or this was
   * cancelled; what cannot be ended at once then ends by itself later.
   *
   * @param images such as {@code docker.io/library/nginx:1.27}, beginning with the name or an alias
   *     of an upstream; a name that is none is an error of that image
   * @param platforms which manifests of an index are wanted, such as {@code linux/arm64}; empty for
   *     all
   * @param progress a new one, to follow and to cancel it by
   * @return what has come of each, in the order of {@code images}
   */
  public List<Warmed> run(List<String> images, List<String> platforms, WarmProgress progress) {
    progress.begin(images.size());
    ImageWarming warming = new ImageWarming(cache, config.get(), platforms, progress, tracing);
    AtomicReferenceArray<Warmed> results = new AtomicReferenceArray<>(images.size());
    for (int i = 0; i < images.size(); i++) {
      results.set(i, Warmed.cancelled(images.get(i)));
    }
    AtomicInteger next = new AtomicInteger();
    Runnable work =
        () -> {
          int i = next.getAndIncrement();
          while (i < images.size() && !progress.isCancelled()) {
            results.set(i, warming.warm(images.get(i)));
            i = next.getAndIncrement();
          }
        };
    progress.await(
        CompletableFuture.allOf(
            Stream.generate(() -> CompletableFuture.runAsync(work, Warmer::begin))
                .limit(Math.min(IMAGES_AT_ONCE, images.size()))
                .toArray(CompletableFuture<?>[]::new)));
    progress.settle();
    List<Warmed> warmed = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      warmed.add(results.get(i));
    }
    LOG.atInfo()
        .addKeyValue("images", images.size())
        .addKeyValue("failed", warmed.stream().filter(one -> one.error().isPresent()).count())
        .addKeyValue("bytes", progress.bytes())
        .log(progress.isCancelled() ? "fetching ahead was cancelled" : "images were fetched ahead");
    return warmed;
  }

  private static void begin(Runnable work) {
    Thread _ = Thread.ofVirtual().name("warm").start(work);
  }
}
