package io.weir.retention;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the store takes no more, as an operator means it: from the first content that found no
 * room until there is room for it, and from the first write that failed until one succeeds. {@link
 * Space#isFull} forgets in a moment, so that room is looked for again. Thread-safe.
 */
final class Shortage {

  private static final Logger LOG = LoggerFactory.getLogger(Shortage.class);

  /** What found no room. */
  record Wanted(String upstream, long bytes) {}

  private final AtomicReference<@Nullable Wanted> wanted = new AtomicReference<>();
  private volatile boolean isFailing;

  boolean isThere() {
    return isFailing || wanted.get() != null;
  }

  /** What was refused first and has no room yet. */
  Optional<Wanted> wanted() {
    return Optional.ofNullable(wanted.get());
  }

  /**
   * Something found no room.
   *
   * @return whether it is the first since there was some
   */
  boolean refused(Wanted what) {
    return wanted.compareAndSet(null, what);
  }

  /** Something found room: of the same upstream, since another may have a limit of its own. */
  void granted(Wanted what) {
    wanted()
        .filter(
            before -> before.upstream().equals(what.upstream()) && before.bytes() <= what.bytes())
        .ifPresent(this::hasRoom);
  }

  /** What was refused would find room now. */
  void hasRoom(Wanted what) {
    if (wanted.compareAndSet(what, null)) {
      LOG.info("the store has room again");
    }
  }

  void writesFail(boolean fail) {
    isFailing = fail;
  }
}
