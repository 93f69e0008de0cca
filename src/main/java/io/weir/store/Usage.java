package io.weir.store;

/**
 * How much is stored.
 *
 * @param bytes the content's own length, all together
 * @param blobs how many files: manifests, configs, layers
 */
public record Usage(long bytes, long blobs) {

  /** Nothing. */
  public static final Usage NONE = new Usage(0, 0);

  private static final long OVERHEAD_BYTES = 4096;

  /** What it takes on the disk at most: each file may fill its last block by a byte only. */
  public long diskBytes() {
    return bytes + blobs * OVERHEAD_BYTES;
  }
}
