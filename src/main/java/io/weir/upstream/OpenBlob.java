package io.weir.upstream;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A blob, or a part of one, that arrives from one URL. */
final class OpenBlob implements RemoteBlob {

  private final Exchange exchange;
  private final Site site;
  private final Widening widening;
  private final Runnable onClose;
  private final long offset;
  private final long endsAt;
  private final long sizeBytes;
  private boolean isClosed;

  /**
   * @param onClose called when it is closed, once or more often
   */
  OpenBlob(
      Exchange exchange,
      Site site,
      Widening widening,
      Runnable onClose,
      long offset,
      long endsAt,
      long sizeBytes) {
    this.exchange = exchange;
    this.site = site;
    this.widening = widening;
    this.onClose = onClose;
    this.offset = offset;
    this.endsAt = endsAt;
    this.sizeBytes = sizeBytes;
    widening.opened();
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public long endsAt() {
    return endsAt;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public @Nullable ByteBuffer next() {
    try {
      ByteBuffer bytes = exchange.next();
      if (bytes != null) {
        widening.received(bytes.remaining());
      }
      return bytes;
    } catch (UpstreamException e) {
      site.broke(e);
      throw e;
    }
  }

  @Override
  public void close() {
    exchange.close();
    if (!isClosed) {
      isClosed = true;
      widening.closed();
    }
    onClose.run();
  }
}
