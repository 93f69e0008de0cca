package io.weir.store;

import io.weir.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Blobs as files of an OCI image layout.
 *
 * <p>A file below {@code blobs/} is whole: it got there by a rename, after its bytes were hashed
 * and forced. So a look at the folder is enough to know what is stored, whatever the index has
 * forgotten.
 */
final class FileBlobs implements Blobs {

  private static final int READ_BYTES = 128 << 10;

  private final Layout layout;
  private final SpareFiles spare;
  private final AtomicLong puts = new AtomicLong();

  FileBlobs(Layout layout) throws IOException {
    this.layout = layout;
    this.spare = new SpareFiles(layout);
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      Files.createDirectories(layout.blobFolder(algorithm));
    }
    Files.createDirectories(layout.incomingFolder());
    removeLeftovers();
  }

  @Override
  public Optional<StoredBlob> find(Digest digest) {
    Path path = layout.blob(digest);
    try {
      return Optional.of(new StoredBlob(digest, Files.size(path), path));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<byte[]> read(Digest digest, int sizeBytesMax) throws IOException {
    try (FileChannel channel = FileChannel.open(layout.blob(digest), StandardOpenOption.READ)) {
      if (channel.size() > sizeBytesMax) {
        throw new IOException(
            "%s has %d bytes, more than %d".formatted(digest, channel.size(), sizeBytesMax));
      }
      ByteBuffer content = ByteBuffer.allocate((int) channel.size());
      while (content.hasRemaining() && channel.read(content) >= 0) {
        // until all is read; a file that shrank meanwhile comes out short and is refused by its
        // hash
      }
      return Optional.of(content.array());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public IncomingBlob receive(Digest digest) throws IOException {
    spare.using(digest);
    try {
      return new Incoming(digest);
    } catch (IOException e) {
      spare.left(digest);
      throw e;
    }
  }

  @Override
  public StoredBlob put(Digest digest, byte[] content) throws IOException {
    Path path = layout.blob(digest);
    if (!Files.exists(path)) {
      Durable.replace(path, layout.put(puts.incrementAndGet()), content);
    }
    return new StoredBlob(digest, content.length, path);
  }

  @Override
  public void remove(Digest digest) throws IOException {
    Files.deleteIfExists(layout.blob(digest));
  }

  @Override
  public void quarantine(Digest digest) throws IOException {
    spare.quarantine(digest);
  }

  @Override
  public long dropQuarantined(Duration age) throws IOException {
    return spare.dropQuarantined(age);
  }

  @Override
  public long dropPartial(Duration age) throws IOException {
    return spare.dropPartial(age);
  }

  @Override
  public BlobWalk walk() {
    return new BlobWalk(layout);
  }

  private void removeLeftovers() throws IOException {
    try (DirectoryStream<Path> leftovers =
        Files.newDirectoryStream(layout.incomingFolder(), Layout.PUT_PREFIX + "*")) {
      for (Path leftover : leftovers) {
        Files.delete(leftover);
      }
    }
  }

  private final class Incoming implements IncomingBlob {

    private final Digest digest;
    private final Path path;
    private MessageDigest hash;
    private SharedFile file;
    private long writtenBytes;

    Incoming(Digest digest) throws IOException {
      this.digest = digest;
      this.path = layout.incoming(digest);
      this.hash = digest.algorithm().newMessageDigest();
      this.file = open(StandardOpenOption.CREATE);
      hashWhatIsHere();
    }

    private SharedFile open(StandardOpenOption creation) throws IOException {
      return new SharedFile(
          FileChannel.open(path, creation, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    private void hashWhatIsHere() throws IOException {
      if (file.channel().size() == 0) {
        return;
      }
      ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
      while (file.channel().read(buffer) >= 0) {
        hash.update(buffer.flip());
        writtenBytes += buffer.limit();
        buffer.clear();
      }
    }

    @Override
    public long writtenBytes() {
      return writtenBytes;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      int count = bytes.remaining();
      hash.update(bytes.duplicate());
      Durable.writeFully(file.channel(), bytes);
      writtenBytes += count;
    }

    @Override
    public boolean isComplete() {
      try {
        MessageDigest soFar = (MessageDigest) hash.clone();
        return digest.algorithm().finish(soFar.digest()).equals(digest);
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException("the JDK's own digests can be cloned", e);
      }
    }

    @Override
    public StoredBlob commit() throws IOException {
      if (!isComplete()) {
        throw new IllegalStateException("the content does not hash to " + digest);
      }
      file.channel().force(true);
      Path stored = layout.blob(digest);
      Durable.rename(path, stored);
      return new StoredBlob(digest, writtenBytes, stored);
    }

    @Override
    public void discard() throws IOException {
      Files.deleteIfExists(path);
      file.release();
      file = open(StandardOpenOption.CREATE_NEW);
      hash = digest.algorithm().newMessageDigest();
      writtenBytes = 0;
    }

    @Override
    public SharedFile file() {
      return file;
    }

    @Override
    public void close() throws IOException {
      if (writtenBytes == 0) {
        Files.deleteIfExists(path);
      }
      file.release();
      spare.left(digest);
    }
  }
}
