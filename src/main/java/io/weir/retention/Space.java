package io.weir.retention;

import java.io.IOException;

/** Room on the disk for what is to be stored. Thread-safe. */
public interface Space {

  /**
   * Claims room for content that is about to be written. Where there is none, older content leaves
   * first, so this may block; it is called on virtual threads.
   *
   * @param upstream whose content it is
   * @param sizeBytes how much will be written at most
   */
  Claim claim(String upstream, long sizeBytes);

  /**
   * Whether nothing can be stored at the moment, as far as is known: the last claim was refused, or
   * a write failed, a moment ago. Never blocks.
   */
  boolean isFull();

  /**
   * A write failed for want of room, or because the disk fails: claims are refused for a moment,
   * and room is made. Never blocks.
   */
  void writeFailed(IOException failure);

  /** Something was written and is kept, after a write had failed. Never blocks. */
  void written();

  /** The answer to a claim. */
  sealed interface Claim {

    /** Room that was found. Used by one thread. */
    non-sealed interface Granted extends Claim, AutoCloseable {

      /**
       * Claims more, for content that turns out to be longer. May block, as {@link Space#claim}.
       *
       * @param sizeBytes how much more
       * @return false where there is none; what was granted before stays so
       */
      boolean extend(long sizeBytes);

      /** The content is stored and counted, or given up. */
      @Override
      void close();
    }

    /**
     * There is none.
     *
     * @param detail why, for Cache-Status, such as {@code disk full}
     */
    record Refused(String detail) implements Claim {}
  }
}
