package io.weir.registry;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.weir.cache.Passage;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a slice of a blob that passes through, on a virtual thread of its own: it reads a piece
 * from upstream when the socket has room for one, so a slow client holds back upstream, and nobody
 * else. On the way are one piece and the socket's write buffer.
 */
final class PassingBody {

  private static final Logger LOG = LoggerFactory.getLogger(PassingBody.class);

  /** How much is written at a time: what is written is copied out of the heap, and waits there. */
  private static final int WRITE_BYTES_MAX = 64 << 10;

  private final Exchange exchange;
  private final ChannelHandlerContext context;
  private final Passage passage;
  private final long from;
  private final long to;

  private PassingBody(Exchange exchange, Passage passage, long from, long to) {
    this.exchange = exchange;
    this.context = exchange.context();
    this.passage = passage;
    this.from = from;
    this.to = to;
  }

  /**
   * Sends bytes {@code from} to {@code to}, of an answer whose head has been sent, and closes the
   * passage. Returns at once.
   *
   * @param from not before the passage's first byte; what is before it is left out
   * @param to one past the last byte, or {@link Long#MAX_VALUE} for all there will be
   */
  static void send(Exchange exchange, Passage passage, long from, long to) {
    PassingBody body = new PassingBody(exchange, passage, from, to);
    Thread _ = Thread.ofVirtual().name("passing").start(() -> exchange.span().run(body::run));
  }

  private void run() {
    Channel channel = context.channel();
    ChannelFutureListener stop = _ -> passage.stop();
    Runnable end = exchange::abandon;
    channel.closeFuture().addListener(stop);
    try (passage) {
      if (sendAll()) {
        end = this::finish;
      }
    } catch (RuntimeException e) {
      LOG.atInfo()
          .addKeyValue("reference", exchange.reference())
          .log("passage failed: {}", e.getMessage());
      end = () -> exchange.abort(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    channel.closeFuture().removeListener(stop);
    if (channel.isActive()) { // otherwise the exchange has ended already, with the connection
      context.executor().execute(end);
    }
  }

  /** Returns whether the last byte of the slice is on its way. */
  private boolean sendAll() throws InterruptedException {
    while (passage.position() < to) {
      long position = passage.position();
      ByteBuffer bytes = passage.next();
      if (bytes == null) {
        return to == Long.MAX_VALUE;
      }
      if (!sendAll(clip(bytes, position))) {
        return false;
      }
    }
    return true;
  }

  /** The part of {@code bytes}, which begin at {@code position}, that is in the slice. */
  private ByteBuffer clip(ByteBuffer bytes, long position) {
    int begin = Math.clamp(from - position, 0, bytes.remaining());
    int end = Math.clamp(to - position, 0, bytes.remaining());
    return bytes.slice(bytes.position() + begin, Math.max(0, end - begin));
  }

  private boolean sendAll(ByteBuffer bytes) throws InterruptedException {
    boolean isConnected = true;
    while (isConnected && bytes.hasRemaining()) {
      int count = Math.min(bytes.remaining(), WRITE_BYTES_MAX);
      isConnected = send(bytes.slice(bytes.position(), count));
      bytes.position(bytes.position() + count);
    }
    return isConnected;
  }

  /** Returns false where the connection is gone. */
  private boolean send(ByteBuffer bytes) throws InterruptedException {
    int count = bytes.remaining();
    // Listens before it is written: the client may have the last piece, and be gone, at once.
    ChannelPromise sent =
        context
            .newPromise()
            .addListener(
                (ChannelFutureListener)
                    future -> {
                      if (future.isSuccess()) {
                        exchange.sent(count);
                      }
                    });
    ChannelFuture _ =
        context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)), sent);
    if (!context.channel().isWritable()) {
      sent.await();
    }
    return !sent.isDone() || sent.isSuccess();
  }

  private void finish() {
    exchange.end(context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
  }
}
