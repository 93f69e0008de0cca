package io.weir.testing.real;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The few blocks of a tar archive in the ustar format (POSIX.1-1988, IEEE 1003.1 "pax"). */
final class Ustar {

  private static final int BLOCK_BYTES = 512;
  private static final int CHECKSUM_AT = 148;
  private static final int CHECKSUM_LENGTH = 8;

  private Ustar() {}

  /** The header of a file that root owns and everybody may read, last changed in 1970. */
  static byte[] header(String name, long sizeBytes) {
    byte[] block = new byte[BLOCK_BYTES];
    put(block, 0, name);
    put(block, 100, "0000644");
    put(block, 108, "0000000");
    put(block, 116, "0000000");
    put(block, 124, "%011o".formatted(sizeBytes));
    put(block, 136, "%011o".formatted(0));
    put(block, 156, "0");
    put(block, 257, "ustar\0" + "00");
    // The sum of the header's bytes, those of the sum itself taken as spaces.
    Arrays.fill(block, CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_LENGTH, (byte) ' ');
    int sum = 0;
    for (byte value : block) {
      sum += value & 0xff;
    }
    put(block, CHECKSUM_AT, "%06o\0".formatted(sum));
    return block;
  }

  /** What follows the content: zeros up to a full block, and the two empty blocks of the end. */
  static byte[] end(long sizeBytes) {
    int padding = (int) ((BLOCK_BYTES - sizeBytes % BLOCK_BYTES) % BLOCK_BYTES);
    return new byte[padding + 2 * BLOCK_BYTES];
  }

  private static void put(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }
}
