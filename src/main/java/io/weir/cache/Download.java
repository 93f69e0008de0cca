package io.weir.cache;

import static java.util.Objects.requireNonNull;

import io.weir.oci.Digest;
import io.weir.oci.Origin;
import io.weir.upstream.RemoteBlob;
import io.weir.upstream.Upstream;
import io.weir.upstream.UpstreamException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A blob's bytes from one upstream, from some byte to the end, over as many connections as it
 * takes: where one breaks, the next goes on with Range, as long as they bring something.
 *
 * <p>Used by one thread, which blocks; the errand ends it from another. Nothing is verified here.
 */
final class Download implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Download.class);

  /** Attempts in a row that bring no byte before a broken transfer is given up. */
  private static final int FRUITLESS_ATTEMPTS_MAX = 5;

  private static final Duration PAUSE_MIN = Duration.ofMillis(100);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(5);

  /** Opens a connection that brings the blob from some byte on, perhaps not to its end. */
  interface Source {

    /**
     * Opens it; blocks.
     *
     * @param wantedTo the first byte behind it that is not wanted, or −1
     */
    RemoteBlob open(long fromByte, long wantedTo);

    /** The blob as {@code origin} has it, to its end. */
    static Source of(Function<Origin, Upstream> upstreams, Origin origin, Digest digest) {
      return (fromByte, wantedTo) ->
          upstreams.apply(origin).openBlob(origin.repository(), digest, fromByte, wantedTo);
    }
  }

  private final Source source;
  private final Origin origin;
  private final Digest digest;
  private final Errand errand;

  private long position;
  private long sizeBytes;
  private @Nullable RemoteBlob body;

  /** What the body has before {@link #position}, and is not wanted. */
  private long aheadBytes;

  private long openedAt;
  private int fruitless;
  private long wantedTo = -1;

  /**
   * A download that has asked nothing yet.
   *
   * @param fromByte where it begins
   * @param sizeBytes the blob's length, or −1 where it is not known; an upstream that says another
   *     is refused
   */
  Download(
      Source source, Origin origin, Digest digest, Errand errand, long fromByte, long sizeBytes) {
    this.source = source;
    this.origin = origin;
    this.digest = digest;
    this.errand = errand;
    this.position = fromByte;
    this.sizeBytes = sizeBytes;
  }

  /** Where it comes from. */
  Origin origin() {
    return origin;
  }

  /** The whole blob's length, or −1 where upstream has not said. */
  long sizeBytes() {
    return sizeBytes;
  }

  /** The offset of the next byte. */
  long position() {
    return position;
  }

  /**
   * Waits for upstream to begin, unless it has; from the blob's first byte where it cannot begin in
   * the middle, and then what was not asked for is skipped.
   *
   * @throws UpstreamException where it does not give the blob
   */
  void begin() {
    if (body == null && !tryBegin()) {
      open(0);
    }
  }

  /**
   * Waits for upstream to begin.
   *
   * @return false where it has the blob, perhaps, but cannot begin in the middle
   * @throws UpstreamException where it does not give the blob
   */
  boolean tryBegin() {
    try {
      open(position);
      return true;
    } catch (UpstreamException e) {
      if (position == 0 || e.kind() != UpstreamException.Kind.INVALID) {
        throw e;
      }
      return false;
    }
  }

  /**
   * Where the open connection ends, because no more was asked for; −1 where that is the blob's end,
   * or there is none.
   */
  long endsAt() {
    return body == null ? -1 : body.endsAt();
  }

  /**
   * From some byte on, nothing is wanted of the connections that are opened from now on.
   *
   * @param wantedTo that byte, or −1 where all is wanted
   */
  void wantTo(long wantedTo) {
    this.wantedTo = wantedTo;
  }

  /** Goes on at another byte, over another connection when it is needed. */
  void skipTo(long fromByte) {
    close();
    position = fromByte;
    openedAt = fromByte;
  }

  /** Begins again, at the blob's first byte. */
  void restart() {
    close();
    position = 0;
    open(0);
  }

  private void open(long fromByte) {
    RemoteBlob opened = errand.asking(() -> source.open(fromByte, wantedTo));
    body = opened;
    openedAt = position;
    aheadBytes = position - opened.offset();
    boolean isOfAnotherLength =
        sizeBytes >= 0 && opened.sizeBytes() >= 0 && sizeBytes != opened.sizeBytes();
    if (aheadBytes < 0 || isOfAnotherLength) {
      close();
      throw new UpstreamException(
          UpstreamException.Kind.INVALID,
          origin.upstream()
              + (isOfAnotherLength
                  ? ": gave the blob another length than before"
                  : ": sent another range than was asked for"));
    }
    sizeBytes = Math.max(sizeBytes, opened.sizeBytes());
  }

  /**
   * The next bytes, never none, waiting for them; null at the end. The buffer belongs to the
   * caller.
   *
   * @throws UpstreamException where upstream is lost for good, or the errand was stopped
   */
  @Nullable ByteBuffer next() {
    while (true) {
      try {
        begin();
        RemoteBlob open = requireNonNull(body);
        ByteBuffer bytes = errand.<@Nullable ByteBuffer>asking(open::next);
        if (bytes == null) {
          return null;
        }
        int unwanted = (int) Math.min(aheadBytes, bytes.remaining());
        aheadBytes -= unwanted;
        bytes.position(bytes.position() + unwanted);
        if (bytes.hasRemaining()) {
          position += bytes.remaining();
          if (position == open.endsAt() && position < sizeBytes) {
            leave(open);
          }
          return bytes;
        }
      } catch (UpstreamException e) {
        recover(e);
      }
    }
  }

  /** All that was asked for has come; behind its end the connection can be used again. */
  private void leave(RemoteBlob open) {
    try {
      ByteBuffer _ = errand.<@Nullable ByteBuffer>asking(open::next);
    } catch (UpstreamException e) {
      LOG.debug("a connection is let go: {}", e.getMessage());
    }
    close();
  }

  /** Closes the broken connection and waits before the next, if there is to be one. */
  private void recover(UpstreamException e) {
    close();
    fruitless = position > openedAt ? 0 : fruitless + 1;
    openedAt = position;
    if (errand.isStopped() || fruitless == FRUITLESS_ATTEMPTS_MAX || !mayHeal(e)) {
      throw e;
    }
    LOG.atInfo()
        .addKeyValue("digest", digest)
        .addKeyValue("from", position)
        .log("fetch goes on after: {}", e.getMessage());
    errand.pause(pause(e));
  }

  private static boolean mayHeal(UpstreamException e) {
    return switch (e.kind()) {
      case UNAVAILABLE, TIMEOUT, RATE_LIMITED -> true;
      case NOT_FOUND, DENIED, TOO_LARGE, INVALID -> false;
    };
  }

  private Duration pause(UpstreamException e) {
    Duration pause = e.retryAfter().orElse(PAUSE_MIN.multipliedBy(1L << fruitless));
    return pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX;
  }

  /** Ends it at once, also where upstream keeps it waiting. Any thread may call this. */
  void stop() {
    errand.interrupt();
  }

  /** Drops the connection, if there is one. */
  @Override
  public void close() {
    RemoteBlob open = body;
    body = null;
    if (open != null) {
      open.close();
    }
  }
}
