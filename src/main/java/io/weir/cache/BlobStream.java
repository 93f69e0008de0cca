package io.weir.cache;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A blob's bytes in their order, whichever way they come: over the fetch's own connection, or ahead
 * of it in {@link Parts}. Used by one thread, which blocks.
 */
final class BlobStream {

  private final Download download;
  private final Parts parts;
  private final Errand errand;
  private boolean isDownloading = true;

  /**
   * @param download stands at the first byte that is wanted; the caller closes it
   */
  BlobStream(Download download, Parts parts, Errand errand) {
    this.download = download;
    this.parts = parts;
    this.errand = errand;
  }

  /**
   * The next bytes, never none, waiting for them; null at the end. The buffer belongs to the
   * caller.
   *
   * @throws io.weir.upstream.UpstreamException where upstream is lost for good, or the errand was
   *     stopped
   */
  @Nullable ByteBuffer next() {
    parts.widen(download.position(), download.endsAt());
    Part part = parts.bringing(download.position());
    while (part != null) {
      ByteBuffer bytes = part.read(download.position(), errand);
      if (bytes != null) {
        download.skipTo(download.position() + bytes.remaining());
        isDownloading = false;
        return bytes;
      }
      parts.failed(part);
      part = parts.bringing(download.position());
    }
    if (!isDownloading && download.position() == download.sizeBytes()) {
      return null;
    }
    isDownloading = true;
    download.wantTo(parts.nextBehind(download.position()));
    return download.next();
  }
}
