package io.weir.store;

import io.weir.oci.Digest;
import java.io.IOException;
import java.util.Optional;

/** Content by digest. Thread-safe; a digest is received by one caller at a time. */
public interface Blobs {

  /** The stored content of {@code digest}, if it is here. One look at the disk, no reading. */
  Optional<StoredBlob> find(Digest digest);

  /**
   * The whole content of {@code digest} in memory, if it is here.
   *
   * @param sizeBytesMax content longer than this is an {@link IOException}
   */
  Optional<byte[]> read(Digest digest, int sizeBytesMax) throws IOException;

  /**
   * Begins to receive {@code digest}, or goes on where an earlier attempt stopped.
   *
   * <p>What is left of an earlier attempt is read and hashed here, so this takes time in proportion
   * to it. Only one caller at a time may receive a digest.
   */
  IncomingBlob receive(Digest digest) throws IOException;

  /**
   * Stores {@code content}, which the caller has hashed to {@code digest}. Durable on return.
   * Storing what is already here changes nothing.
   */
  StoredBlob put(Digest digest, byte[] content) throws IOException;

  /** Drops the content of {@code digest}, if it is here. Who has it open reads on. */
  void remove(Digest digest) throws IOException;
}
