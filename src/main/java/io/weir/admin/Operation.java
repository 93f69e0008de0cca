package io.weir.admin;

import java.io.IOException;

/** Work that takes long, and so runs as a job. */
@FunctionalInterface
interface Operation {

  /**
   * How far work is.
   *
   * @param done how much of it
   * @param total how much there is, as far as is known now; 0 where it is not
   * @param unit of what, such as {@code bytes}; empty where nobody knows how far it is
   * @param growing whether more of it may still be found, so that {@code total} says nothing of
   *     when the end is near
   */
  record Progress(long done, long total, String unit, boolean growing) {

    static final Progress UNKNOWN = new Progress(0, 0, "", false);
  }

  /** What came of it, to become JSON. */
  interface Outcome {

    /** The same without what it lists, to become JSON beside many others. */
    Object summary();
  }

  /**
   * Does it. Called once, on a virtual thread of its own; may block.
   *
   * @throws IOException where it failed; the message is shown to whoever asks
   */
  Outcome run() throws IOException;

  /** How far it is. Called by any thread, also before it begins and after it has ended. */
  default Progress progress() {
    return Progress.UNKNOWN;
  }

  /**
   * Asks it to end soon, with what it has done so far. Called by any thread; does not block. Work
   * that cannot be stopped goes on to its end.
   */
  default void cancel() {}
}
