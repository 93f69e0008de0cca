package io.weir.store;

import io.weir.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs as files of an OCI image layout.
 *
 * <p>A file below {@code blobs/} is whole: it got there by a rename, after its bytes were hashed
 * and forced. So a look at the folder is enough to know what is stored, whatever the index has
 * forgotten.
 */
final class FileBlobs implements Blobs {

  private static final Logger LOG = LoggerFactory.getLogger(FileBlobs.class);

  private static final int READ_BYTES = 128 << 10;

  private final Layout layout;
  private final SpareFiles spare;
  private final AtomicLong puts = new AtomicLong();

  FileBlobs(Layout layout) {
    this.layout = layout;
    this.spare = new SpareFiles(layout);
    removeLeftovers();
  }

  /** Makes the folders that are missing. */
  static void createFolders(Layout layout) throws IOException {
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      Files.createDirectories(layout.blobFolder(algorithm));
    }
    Files.createDirectories(layout.incomingFolder());
  }

  /** Something that is done in the folders. */
  private interface Step<T> {
    T run() throws IOException;
  }

  /** Runs {@code step}; where a folder of it is gone, makes the folders and runs it again. */
  private <T> T inFolders(Step<T> step) throws IOException {
    try {
      return step.run();
    } catch (NoSuchFileException e) {
      createFolders(layout);
      return step.run();
    }
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
  public SharedFile scratch() throws IOException {
    Path path = layout.put(puts.incrementAndGet());
    FileChannel channel =
        inFolders(() ->
            FileChannel.open(
                path,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE));
    Files.deleteIfExists(path);
    return new SharedFile(channel);
  }

  @Override
  public StoredBlob put(Digest digest, byte[] content) throws IOException {
    Path path = layout.blob(digest);
    if (!Files.exists(path)) {
      Path fresh = layout.put(puts.incrementAndGet());
      return inFolders(() -> {
        Durable.replace(path, fresh, content);
        return new StoredBlob(digest, content.length, path);
      });
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

  private void removeLeftovers() {
    try (DirectoryStream<Path> leftovers =
        Files.newDirectoryStream(layout.incomingFolder(), Layout.PUT_PREFIX + "*")) {
      for (Path leftover : leftovers) {
        Files.delete(leftover);
      }
    } catch (IOException e) {
      LOG.debug("leftovers stay until the next start", e);
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
      try {
        hashWhatIsHere();
      } catch (IOException e) {
        drop();
        file.release();
        throw named(e);
      }
    }

    private SharedFile open(StandardOpenOption creation) throws IOException {
      return inFolders(() ->
          new SharedFile(
              FileChannel.open(path, creation, StandardOpenOption.READ, StandardOpenOption.WRITE)));
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
      ByteBuffer written = bytes.duplicate();
      try {
        Durable.writeFully(file.channel(), bytes);
      } catch (IOException e) {
        throw named(e);
      }
      writtenBytes += written.remaining();
      hash.update(written);
    }

    /** The system's own errors do not say which file they are about. */
    private IOException named(IOException e) {
      IOException named = new FileSystemException(path.toString(), null, e.getMessage());
      named.initCause(e);
      return named;
    }

    @Override
    public boolean isComplete() {
      return digest.algorithm().finish(hashSoFar().digest()).equals(digest);
    }

    @Override
    public MessageDigest hashSoFar() {
      return Digest.Algorithm.copy(hash);
    }

    @Override
    public StoredBlob commit() throws IOException {
      if (!isComplete()) {
        throw new IllegalStateException("the content does not hash to " + digest);
      }
      try {
        file.channel().force(true);
      } catch (IOException e) {
        throw named(e);
      }
      Path stored = layout.blob(digest);
      return inFolders(() -> {
        Durable.rename(path, stored);
        return new StoredBlob(digest, writtenBytes, stored);
      });
    }

    @Override
    public void discard() throws IOException {
      hash = digest.algorithm().newMessageDigest();
      writtenBytes = 0;
      Files.deleteIfExists(path);
      SharedFile fresh = open(StandardOpenOption.CREATE_NEW);
      file.release();
      file = fresh;
    }

    @Override
    public void drop() {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.atDebug().addKeyValue("path", path).log("a half-fetched blob stays: {}", e.toString());
      }
    }

    @Override
    public SharedFile file() {
      return file;
    }

    @Override
    public void close() {
      if (writtenBytes == 0) {
        drop();
      }
      spare.left(digest);
      file.release();
    }
  }
}
