package io.weir.store;

import io.weir.oci.Digest;
import java.io.IOException;
import java.time.Duration;
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
   * A file of its own, empty and without a name, for bytes that will be of no use after this
   * process. It vanishes with its last user; the caller is the first.
   */
  SharedFile scratch() throws IOException;

  /**
   * Stores {@code content}, which the caller has hashed to {@code digest}. Durable on return.
   * Storing what is already here changes nothing.
   */
  StoredBlob put(Digest digest, byte[] content) throws IOException;

  /** Drops the content of {@code digest}, if it is here. Who has it open reads on. */
  void remove(Digest digest) throws IOException;

  /**
   * Takes the file of {@code digest} out of use, because it is damaged, and keeps it for a look, in
   * place of an earlier one. Where it cannot be kept it is deleted. Who has it open reads on.
   *
   * @throws IOException where it stays in use, because the disk takes no change
   */
  void quarantine(Digest digest) throws IOException;

  /**
   * Deletes the damaged files that were taken out of use longer than {@code age} ago.
   *
   * @return how many bytes they had
   */
  long dropQuarantined(Duration age) throws IOException;

  /**
   * Deletes what has come of blobs that nobody is receiving, if nothing was added to it for longer
   * than {@code age}.
   *
   * @return how many bytes that was
   */
  long dropPartial(Duration age) throws IOException;

  /**
   * Walks over all that is stored, in no order; the caller closes it. What comes or goes meanwhile
   * may be among it or not.
   */
  BlobWalk walk();
}
