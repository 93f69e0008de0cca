package io.weir.integrity;

import io.weir.config.Config;
import io.weir.metrics.Metrics;
import io.weir.store.Store;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes again what is stored: in the background, pass after pass, and on demand. Damaged files are
 * taken out of use. Thread-safe.
 */
public final class Scrub implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);

  private static final String NOTE = "scrub-whole";

  private final Store store;
  private final Reconciliation reconciliation;
  private final Damages damages;
  private final Repair repair;
  private final InstantSource clock;
  private final Schedule schedule;
  private final Worker worker = new Worker("scrub", this::runScheduled);
  private volatile @Nullable WholeScrub lastWhole;

  /**
   * How a scrub on demand is done.
   *
   * @param mends whether what is damaged, or was found damaged before, is fetched anew at once;
   *     otherwise the next pull does it
   * @param bytesPerSecond the most that is read in a second, 1 or more; empty for no limit
   */
  public record Options(boolean mends, OptionalLong bytesPerSecond) {}

  /**
   * A scrub that has not begun.
   *
   * @param reconciliation what a scrub on demand begins with
   */
  public Scrub(
      Config.Scrub config,
      Store store,
      Reconciliation reconciliation,
      Repair repair,
      InstantSource clock,
      Metrics metrics) {
    this.store = store;
    this.reconciliation = reconciliation;
    this.damages = new Damages(store, metrics);
    this.repair = repair;
    this.clock = clock;
    this.schedule = new Schedule(config, store, damages, repair, clock, Stopwatch.REAL);
    this.lastWhole = store.inventory().note(NOTE).flatMap(WholeScrub::parse).orElse(null);
  }

  /** Begins to scrub in the background, which mends what it finds. Called once. */
  public void start() {
    worker.start();
  }

  /** Goes on by another configuration, also with a pass that is under way. */
  public void use(Config.Scrub config) {
    schedule.use(config);
    worker.wake();
  }

  private Duration runScheduled() {
    schedule.runPass().ifPresent(this::ended);
    return schedule.pause();
  }

  private void ended(ScrubResult result) {
    if (result.isComplete()) {
      WholeScrub whole = new WholeScrub(result.endedAt(), result.whole());
      lastWhole = whole;
      store.inventory().putNote(NOTE, whole.toString());
    }
    LOG.atInfo()
        .addKeyValue("blobs", result.blobs())
        .addKeyValue("bytes", result.bytes())
        .addKeyValue("damaged", result.damaged().size())
        .addKeyValue("missing", result.missing())
        .log(result.isComplete() ? "stored content was verified" : "verifying was interrupted");
  }

  /**
   * What the last scrub found that came to the end, in the background or on demand, also before the
   * start; empty where there was none, or the index was lost since.
   */
  public Optional<WholeScrub> lastWhole() {
    return Optional.ofNullable(lastWhole);
  }

  /**
   * Compares files and index, then reads all that is stored, from the beginning. A pass in the
   * background goes on beside it. Blocks until it has come to the end or was cancelled.
   *
   * @param progress a new one, to follow and to cancel it by
   */
  public ScrubResult run(Options options, ScrubProgress progress) {
    Bandwidth bandwidth =
        new Bandwidth(() -> options.bytesPerSecond().orElse(Long.MAX_VALUE), Stopwatch.REAL);
    Mending mending = options.mends() ? new Mending(repair, progress.cancellation()) : null;
    Pass pass = new Pass(store, damages, mending, bandwidth, progress);
    ReconciliationResult compared = reconciliation.run(progress.cancellation());
    compared.damaged().forEach(pass::found);
    store.index().flush();
    boolean isComplete = pass.run(null, _ -> {});
    if (options.mends()) {
      store.index().flush();
      pass.mendLost();
    }
    ScrubCounts found = pass.counts().plus(new ScrubCounts(0, 0, 0, 0, compared.lost()));
    ScrubResult result =
        new ScrubResult(
            clock.instant(),
            found.bytes(),
            found.blobs(),
            pass.damaged(),
            found.missing(),
            isComplete,
            found);
    ended(result);
    return result;
  }

  /** Ends the pass in the background, which is gone on with after the next start, and waits. */
  @Override
  public void close() {
    schedule.close();
    worker.close();
  }
}
