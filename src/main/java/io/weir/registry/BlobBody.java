package io.weir.registry;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCounted;
import io.weir.cache.GrowingBlob;
import io.weir.store.SharedFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a slice of a blob's file, piece by piece, as its connection takes them ({@link Wire}): the
 * next piece is made when the one before has gone out, so a slow client holds nothing but one
 * piece.
 *
 * <p>The file may still be growing. Then a piece ends where nothing more is visible, and the next
 * one is whatever came meanwhile: a slow client gets few large pieces and holds nothing up; a fast
 * one follows the fetch. Memory does not depend on the blob's size. Where the disk takes no more of
 * it, a {@link PassingBody} sends the rest. Confined to the connection's event loop.
 */
final class BlobBody {

  private static final Logger LOG = LoggerFactory.getLogger(BlobBody.class);

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
    new BlobBody(exchange, file, null, from, to).pump();
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
    new BlobBody(exchange, growing.file(), growing, from, to).pump();
  }

  /** Answers with what ended the fetch. */
  static void fail(Exchange exchange, GrowingBlob growing) {
    RuntimeException failure = failure(growing);
    growing.close();
    exchange.fail(failure);
  }

  private static RuntimeException failure(GrowingBlob growing) {
    return growing
        .failure()
        .orElseGet(() -> new IllegalStateException("a fetch ended for no reason"));
  }

  private void pump() {
    if (!context.channel().isActive()) {
      leave();
      exchange.connectionLost();
    } else if (growing == null) {
      send(end);
    } else {
      follow(growing);
    }
  }

  private void follow(GrowingBlob blob) {
    GrowingBlob.Progress progress = blob.progress();
    if (progress.stage() == GrowingBlob.Stage.WHOLE && end == Long.MAX_VALUE) {
      end = progress.visibleTo();
    }
    long sendable = Math.min(end, progress.visibleTo());
    if (sendable > position || position == end) {
      send(sendable);
    } else {
      goOn(blob, progress.stage());
    }
  }

  /** All that is visible has gone out, and that is not all. */
  private void goOn(GrowingBlob blob, GrowingBlob.Stage stage) {
    context.flush();
    switch (stage) {
      case ARRIVING -> blob.onProgress(position, () -> context.executor().execute(this::pump));
      case SPILLED -> {
        PassingBody.send(exchange, blob.rest(), position, end);
        leave();
      }
      // A blob that is whole before its announced end is as bad as one that is lost.
      case WHOLE, FAILED -> abort(failure(blob));
    }
  }

  /** Sends one piece, which ends at {@code to} at most, and what follows when it has gone out. */
  private void send(long to) {
    if (position == end) {
      exchange.end(context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
      leave();
      return;
    }
    long count = Math.min(to - position, exchange.wire().pieceBytesMax());
    ReferenceCounted piece;
    try {
      piece = exchange.wire().piece(context, file, position - firstByte(), count);
    } catch (IOException e) {
      LOG.atError()
          .addKeyValue("reference", exchange.reference())
          .log("a stored blob cannot be read: {}", e.toString());
      abort(e);
      return;
    }
    position += count;
    ChannelFuture sent = context.write(piece);
    if (position == end) {
      // The last piece and the end of the answer go out together.
      ChannelFuture last = context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
      last.addListener(
          (ChannelFutureListener)
              future -> {
                exchange.sent(sentBytes(piece, count, sent));
                leave();
                exchange.end(future);
              });
    } else {
      sent.addListener(
          (ChannelFutureListener)
              future -> {
                exchange.sent(sentBytes(piece, count, future));
                goOnAfter(future);
              });
      context.flush();
    }
  }

  /** The offset in the blob of the file's first byte. */
  private long firstByte() {
    return growing == null ? 0 : growing.firstByte();
  }

  private void goOnAfter(ChannelFuture sent) {
    if (sent.isSuccess()) {
      pump();
    } else {
      leave();
      exchange.abandon();
    }
  }

  /** A region knows how much of it went out before the connection broke. */
  private static long sentBytes(ReferenceCounted piece, long count, ChannelFuture sent) {
    if (piece instanceof FileRegion region) {
      return region.transferred();
    }
    return sent.isSuccess() ? count : 0;
  }

  private void abort(Exception failure) {
    leave();
    exchange.abort(failure);
  }

  private void leave() {
    if (growing != null) {
      growing.close();
    } else {
      file.release();
    }
  }
}
