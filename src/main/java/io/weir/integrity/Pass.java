package io.weir.integrity;

import io.weir.metrics.Where;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.store.Store;
import io.weir.store.StoredContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One way through all that is stored, in the order of digests. Used by one thread. */
final class Pass {

  private static final Logger LOG = LoggerFactory.getLogger(Pass.class);

  private static final int BATCH = 500;

  private final Store store;
  private final Damages damages;
  private final @Nullable Mending mending;
  private final Verifier verifier;
  private final ScrubProgress progress;
  private final List<Damage> damaged = new ArrayList<>();
  private long missing;

  /**
   * @param mending fetches what is damaged anew at once; null leaves that to the next pull
   */
  Pass(
      Store store,
      Damages damages,
      @Nullable Mending mending,
      Bandwidth bandwidth,
      ScrubProgress progress) {
    this.store = store;
    this.damages = damages;
    this.mending = mending;
    this.verifier = new Verifier(store.blobs(), bandwidth, progress);
    this.progress = progress;
  }

  /**
   * Goes on to the end.
   *
   * @param from where an earlier pass stopped; null for the beginning
   * @param looked called with each digest when all is done about it
   * @return whether it came to the end; otherwise it was cancelled
   */
  boolean run(@Nullable Digest from, Consumer<Digest> looked) {
    progress.begun(store.inventory().usage());
    Digest after = from;
    while (true) {
      List<StoredContent> batch = store.inventory().storedAfter(after, BATCH);
      if (batch.isEmpty()) {
        return !isCancelled();
      }
      for (StoredContent content : batch) {
        look(content);
        if (isCancelled()) {
          return false;
        }
        progress.looked();
        looked.accept(content.digest());
        after = content.digest();
      }
    }
  }

  private boolean isCancelled() {
    return progress.cancellation().isCancelled();
  }

  private void look(StoredContent content) {
    switch (verifier.verify(content)) {
      case Verdict.Sound _ -> {}
      case Verdict.Missing _ -> {
        missing++;
        store.inventory().lost(content.digest());
      }
      case Verdict.Damaged(String reason) -> found(damages.takeOut(content, reason, Where.SCRUB));
      case Verdict.Unknown(String reason) -> {
        if (!isCancelled()) {
          LOG.atWarn()
              .addKeyValue("digest", content.digest())
              .log("stored content cannot be verified: {}", reason);
        }
      }
    }
  }

  /** Mends what others have found before, and left to the next pull. */
  void mendLost() {
    Set<Digest> tried = damaged.stream().map(Damage::digest).collect(Collectors.toSet());
    Digest after = null;
    List<StoredContent> batch;
    do {
      batch = store.inventory().lostAfter(after, BATCH);
      for (StoredContent content : batch) {
        after = content.digest();
        if (isCancelled()) {
          return;
        }
        if (tried.contains(after)) {
          continue;
        }
        List<Origin> origins = store.inventory().origins(content.digest());
        found(new Damage(content, origins, "it is not there any more", Damage.NEXT_PULL));
      }
    } while (!batch.isEmpty());
  }

  /** Damage that was taken out of use: mends it, if that is wanted, and remembers it. */
  void found(Damage damage) {
    damaged.add(mending == null ? damage : mending.mend(damage));
  }

  /** What it has found so far. */
  ScrubCounts counts() {
    long unmended = damaged.stream().filter(damage -> !damage.isMended()).count();
    return new ScrubCounts(progress.bytes(), progress.blobs(), damaged.size(), unmended, missing);
  }

  /** All that was damaged. */
  List<Damage> damaged() {
    return damaged;
  }

  /** How many files were not there. */
  long missing() {
    return missing;
  }
}
