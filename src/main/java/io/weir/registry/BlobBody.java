package io.weir.registry;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.weir.cache.GrowingBlob;
import io.weir.store.SharedFile;
import org.jspecify.annotations.Nullable;

/**
 * Sends a slice of a blob's file to the socket, without copying it through the heap: the kernel
 * moves it ({@code sendfile}).
 *
 * <p>The file may still be growing. Then each piece that has become visible is sent as one region,
 * and when it has gone out the next piece is whatever came meanwhile: a slow client gets few large
 * pieces and holds nothing up; a fast one follows the fetch. Memory does not depend on the blob's
 * size. Where the disk takes no more of it, a {@link PassingBody} sends the rest. Confined to the
 * connection's event loop.
 */
final class BlobBody {

  private final Exchange exchange;
  private final ChannelHandlerContext context;
  private final SharedFile file;
  private final @Nullable GrowingBlob growing;
  private long position;

  /** One past the last byte to send; {@link Long#MAX_VALUE} while the blob's length is unknown. */
  private long end;

  private BlobBody(
      Exchange exchange, SharedFile file, @Nullable GrowingBlob growing, long from, long to) {
    this.exchange = exchange;
    this.context = exchange.context();
    this.file = file;
    this.growing = growing;
    this.position = from;
    this.end = to;
  }

  /** Sends bytes {@code from} to {@code to} of a file that is whole, and leaves it. */
  static void sendStored(Exchange exchange, SharedFile file, long from, long to) {
    BlobBody body = new BlobBody(exchange, file, null, from, to);
    body.sendRegion(to);
  }

  /**
   * Sends {@code head} and bytes {@code from} to {@code to} of a file that is growing, and leaves
   * it. Where the fetch fails before anything was sent, an error goes out in its place.
   *
   * @param to one past the last byte, or {@link Long#MAX_VALUE} for all there will be
   */
  static void sendGrowing(
      Exchange exchange, HttpResponse head, GrowingBlob growing, long from, long to) {
    if (growing.progress().stage() == GrowingBlob.Stage.FAILED) {
      fail(exchange, growing);
      return;
    }
    exchange.begin(head);
    new BlobBody(exchange, growing.file(), growing, from, to).pump(growing);
  }

  /** Answers with what ended the fetch. */
  static void fail(Exchange exchange, GrowingBlob growing) {
    RuntimeException failure =
        growing.failure().orElseGet(() -> new IllegalStateException("a fetch ended for no reason"));
    growing.close();
    exchange.fail(failure);
  }

  private void pump(GrowingBlob blob) {
    if (!context.channel().isActive()) {
      blob.close();
      exchange.connectionLost();
      return;
    }
    GrowingBlob.Progress progress = blob.progress();
    if (progress.stage() == GrowingBlob.Stage.WHOLE && end == Long.MAX_VALUE) {
      end = progress.visibleTo();
    }
    long sendable = Math.min(end, progress.visibleTo());
    if (sendable > position) {
      sendRegion(sendable);
    } else if (position == end) {
      finish();
    } else {
      goOn(blob, progress.stage());
    }
  }

  /** All that is visible has gone out, and that is not all. */
  private void goOn(GrowingBlob blob, GrowingBlob.Stage stage) {
    context.flush();
    switch (stage) {
      case ARRIVING ->
          blob.onProgress(position, () -> context.executor().execute(() -> pump(blob)));
      case SPILLED -> {
        PassingBody.send(exchange, blob.rest(), position, end);
        blob.close();
      }
      // A blob that is whole before its announced end is as bad as one that is lost.
      case WHOLE, FAILED -> {
        blob.close();
        exchange.abort();
      }
    }
  }

  private void sendRegion(long to) {
    if (to == position) {
      finish();
      return;
    }
    if (!file.tryRetain()) {
      throw new IllegalStateException("the file is closed while it is being sent");
    }
    long firstByte = growing == null ? 0 : growing.firstByte();
    Region region = new Region(file, position - firstByte, to - position);
    position = to;
    ChannelFuture sent = context.write(region);
    if (growing == null) {
      finish(region);
      return;
    }
    sent.addListener(
        (ChannelFutureListener)
            future -> {
              exchange.sent(region.transferred());
              pump(growing);
            });
    context.flush();
  }

  /** The last region of a stored blob and the end of the answer go out together. */
  private void finish(Region region) {
    ChannelFuture last = context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    last.addListener(
        (ChannelFutureListener)
            future -> {
              exchange.sent(region.transferred());
              file.release();
              exchange.end(future);
            });
  }

  private void finish() {
    ChannelFuture last = context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    if (growing != null) {
      growing.close();
    } else {
      file.release();
    }
    exchange.end(last);
  }

  /**
   * A part of a shared file; it leaves the file when it has gone out, where Netty's own would close
   * it for all.
   */
  private static final class Region extends DefaultFileRegion {

    private final SharedFile file;

    Region(SharedFile file, long position, long count) {
      super(file.channel(), position, count);
      this.file = file;
    }

    @Override
    protected void deallocate() {
      file.release();
    }
  }
}
