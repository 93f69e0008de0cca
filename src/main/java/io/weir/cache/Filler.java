package io.weir.cache;

import io.weir.cache.Download.Source;
import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.store.Blobs;
import io.weir.store.IncomingBlob;
import io.weir.store.Index;
import io.weir.store.StorageException;
import io.weir.store.Store;
import io.weir.store.StoredBlob;
import io.weir.upstream.RemoteHead;
import io.weir.upstream.Upstream;
import io.weir.upstream.UpstreamException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills a fetch: brings the blob from upstream to the disk, and from there into the store.
 *
 * <p>It starts from what an earlier attempt left on disk, goes on where a connection broke, asks
 * one repository after another, and claims room before it writes. Where the disk takes no more, the
 * fetch is {@link Fetch#spilled}; that is no failure.
 */
final class Filler {

  private static final Logger LOG = LoggerFactory.getLogger(Filler.class);

  private final Function<Origin, Upstream> upstreams;
  private final Blobs blobs;
  private final Index index;
  private final Links links;
  private final BlobHeads heads;
  private final InstantSource clock;
  private final Disk disk;
  private final Integrity integrity;
  private final int connectionsPerBlob;

  /**
   * @param connectionsPerBlob over how many connections a blob may come at most
   */
  Filler(
      Function<Origin, Upstream> upstreams,
      Store store,
      Links links,
      BlobHeads heads,
      InstantSource clock,
      Disk disk,
      Integrity integrity,
      int connectionsPerBlob) {
    this.upstreams = upstreams;
    this.blobs = store.blobs();
    this.index = store.index();
    this.links = links;
    this.heads = heads;
    this.clock = clock;
    this.disk = disk;
    this.integrity = integrity;
    this.connectionsPerBlob = connectionsPerBlob;
  }

  /**
   * Fills {@code fetch}, on its own thread. On return the blob is stored, or the fetch has spilled.
   *
   * @throws UpstreamException where upstream does not give the blob; what came is kept
   * @throws StorageException where the disk does not give back what it took
   */
  void fill(Fetch fetch) {
    Parts parts = new Parts(fetch, upstreams, blobs, disk, integrity, connectionsPerBlob);
    try (IncomingBlob incoming = blobs.receive(fetch.digest());
        Allowance allowance = new Allowance(disk)) {
      new Filling(fetch, incoming, allowance, parts).run();
    } catch (IOException e) {
      fetch.spilled(refusal(e), null); // not even an empty file
    } finally {
      parts.close();
    }
  }

  private String refusal(IOException cause) {
    if (cause instanceof Allowance.RefusedException refused) {
      return refused.detail();
    }
    disk.failed(cause);
    return CacheStatus.DISK_FULL;
  }

  /** One fetch while it is filled. */
  private final class Filling {

    private final Fetch fetch;
    private final Digest digest;
    private final IncomingBlob incoming;
    private final Allowance allowance;
    private final Parts parts;

    /** Who was asked last; null while nobody reads what is in the file. */
    private @Nullable Origin source;

    /** The blob's length, or −1 while no upstream has said. */
    private long sizeBytes = -1;

    Filling(Fetch fetch, IncomingBlob incoming, Allowance allowance, Parts parts) {
      this.fetch = fetch;
      this.digest = fetch.digest();
      this.incoming = incoming;
      this.allowance = allowance;
      this.parts = parts;
    }

    void run() {
      try {
        store(receive());
      } catch (IOException e) {
        spill(e);
      }
    }

    private void store(Origin origin) throws IOException {
      if (!incoming.isComplete()) {
        incoming.drop();
        throw integrity.wrongBytes(origin, digest);
      }
      fetch.verified(incoming.file(), incoming.writtenBytes());
      StoredBlob stored = incoming.commit();
      disk.stored();
      links.remember(origin, digest, stored.sizeBytes());
      index.putBlob(origin, digest, stored.sizeBytes(), clock.instant());
    }

    /** Asks one origin after another until the blob is here; gives the one that completed it. */
    private Origin receive() throws IOException {
      Set<Origin> tried = new HashSet<>();
      while (true) {
        Origin origin = fetch.nextOrigin(tried);
        try {
          if (incoming.writtenBytes() > 0 && incoming.isComplete()) {
            RemoteHead _ = fetch.errand().asking(() -> heads.askAlone(origin, digest));
          } else {
            transfer(origin);
          }
          return origin;
        } catch (UpstreamException e) {
          tried.add(origin);
          if (fetch.errand().isStopped() || !fetch.hasOriginBeside(tried)) {
            throw e;
          }
        }
      }
    }

    /** Brings what is missing. */
    private void transfer(Origin origin) throws IOException {
      try (Download download = download(origin, fetch.errand(), incoming.writtenBytes())) {
        if (source != null) {
          download.begin();
          source = origin;
        } else if (!download.tryBegin()) {
          incoming.discard(); // upstream cannot go on where an earlier attempt stopped
          download.restart();
        }
        sizeBytes = download.sizeBytes();
        claim(origin);
        source = origin;
        parts.comeFrom(origin, sizeBytes);
        fetch.started(incoming.file(), incoming.writtenBytes(), sizeBytes, parts);
        BlobStream stream = new BlobStream(download, parts, fetch.errand());
        for (ByteBuffer bytes = stream.next(); bytes != null; bytes = stream.next()) {
          allowance.spend(bytes.remaining());
          incoming.write(bytes);
          fetch.advanced(incoming.writtenBytes());
        }
      }
    }

    private Download download(Origin origin, Errand errand, long fromByte) {
      return new Download(
          Source.of(upstreams, origin, digest), origin, digest, errand, fromByte, sizeBytes);
    }

    private void claim(Origin origin) throws IOException {
      long missingBytes = Math.max(0, sizeBytes - incoming.writtenBytes());
      allowance.claim(origin.upstream(), sizeBytes < 0 ? -1 : missingBytes);
    }

    /** Ends the fetch, which is no failure: who reads it goes on alone. */
    private void spill(IOException cause) {
      String refusal = refusal(cause);
      incoming.drop(); // it holds room that others need more
      LOG.atDebug()
          .addKeyValue("digest", digest)
          .addKeyValue("at", incoming.writtenBytes())
          .log("fetch spilled: {}", cause.getMessage());
      fetch.spilled(refusal, source == null ? null : rest(source));
    }

    /** Makes what follows the last visible byte, for as many readers as there are. */
    private Supplier<Passage> rest(Origin origin) {
      MessageDigest hash = incoming.hashSoFar();
      byte[] held = lastBytes(incoming);
      long writtenBytes = incoming.writtenBytes();
      return () ->
          new Passage(
              digest,
              download(origin, new Errand(), writtenBytes),
              integrity,
              writtenBytes - held.length,
              new HeldTail(Digest.Algorithm.copy(hash), ByteBuffer.wrap(held)));
    }
  }

  /** The bytes that are not visible yet. */
  private static byte[] lastBytes(IncomingBlob incoming) {
    long writtenBytes = incoming.writtenBytes();
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(HeldTail.BYTES, writtenBytes));
    try {
      while (bytes.hasRemaining()) {
        long at = writtenBytes - bytes.remaining();
        if (incoming.file().channel().read(bytes, at) < 0) {
          throw new EOFException("the file is shorter than what was written");
        }
      }
    } catch (IOException e) {
      throw new StorageException("the disk does not give back what it took", e);
    }
    return bytes.array();
  }
}
