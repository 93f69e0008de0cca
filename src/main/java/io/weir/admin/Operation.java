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
   */
  record Progress(long done, long total, String unit) {

    static final Progress UNKNOWN = new Progress(0, 0, "");
  }

  /**
   * Does it. Called once, on a virtual thread of its own; may block.
   *
   * @return what came of it, to become JSON
   * @throws IOException where it failed; the message is shown to whoever asks
   */
  Object run() throws IOException;

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
