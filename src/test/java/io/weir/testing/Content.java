package io.weir.testing;

import io.weir.oci.Digest;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;

/** Bytes of a known length that can be read from any offset. Immutable. */
sealed interface Content {

  long sizeBytes();

  /** Copies {@code length} bytes from {@code offset} on to the start of {@code target}. */
  void read(long offset, byte[] target, int length);

  /** The content's digest, computed piece by piece. */
  default Digest digest(Digest.Algorithm algorithm) {
    MessageDigest hash = algorithm.newMessageDigest();
    byte[] piece = new byte[1 << 16];
    for (long offset = 0; offset < sizeBytes(); offset += piece.length) {
      int length = (int) Math.min(piece.length, sizeBytes() - offset);
      read(offset, piece, length);
      hash.update(piece, 0, length);
    }
    return algorithm.finish(hash.digest());
  }

  /** Bytes in memory. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record InMemory(byte[] bytes) implements Content {
    @Override
    public long sizeBytes() {
      return bytes.length;
    }

    @Override
    public void read(long offset, byte[] target, int length) {
      System.arraycopy(bytes, (int) offset, target, 0, length);
    }
  }

  /**
   * Pseudo-random bytes that are computed when they are read, so that a blob of gigabytes takes no
   * memory. The eight bytes at {@code 8 i} are SplitMix64's output for {@code seed + i}.
   */
  record Generated(long sizeBytes, long seed) implements Content {

    private static final VarHandle LONGS =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    @Override
    public void read(long offset, byte[] target, int length) {
      int i = 0;
      for (; i < length && ((offset + i) & 7) != 0; i++) {
        target[i] = byteAt(offset + i);
      }
      for (; i + 8 <= length; i += 8) {
        LONGS.set(target, i, word((offset + i) >>> 3));
      }
      for (; i < length; i++) {
        target[i] = byteAt(offset + i);
      }
    }

    private byte byteAt(long offset) {
      return (byte) (word(offset >>> 3) >>> (8 * (offset & 7)));
    }

    private long word(long index) {
      long z = (seed + index) * 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      return z ^ (z >>> 31);
    }
  }
}
