package io.weir.upstream;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A blob that arrives from one URL, and holds a permit until it is closed. */
final class OpenBlob implements RemoteBlob {

  private final Exchange exchange;
  private final Site site;
  private final Permits.Permit permit;
  private final long offset;
  private final long sizeBytes;

  OpenBlob(Exchange exchange, Site site, Permits.Permit permit, long offset, long sizeBytes) {
    this.exchange = exchange;
    this.site = site;
    this.permit = permit;
    this.offset = offset;
    this.sizeBytes = sizeBytes;
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public @Nullable ByteBuffer next() {
    try {
      return exchange.next();
    } catch (UpstreamException e) {
      site.gate().demote();
      throw e;
    }
  }

  @Override
  public void close() {
    exchange.close();
    permit.close();
  }
}
