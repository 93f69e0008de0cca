package io.weir.registry;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an HTTP/2 connection does as a whole, beside its streams: it ends.
 *
 * <p>Draining says GOAWAY, lets the streams end, and leaves it to the client to close when it has
 * read what is on its way. A client that does not sees the end of this side only. While it reads it
 * sends window updates; were this socket gone, the kernel would answer them with a reset, and drop
 * what it has not sent yet. Confined to the connection's event loop.
 */
final class Http2Ending extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(Http2Ending.class);

  /** How long a client may take to close after its last stream; a client in Go does at once. */
  private static final Duration LINGER = Duration.ofSeconds(5);

  private final Http2FrameCodec codec;

  Http2Ending(Http2FrameCodec codec) {
    this.codec = codec;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object frame) {
    ReferenceCountUtil.release(frame); // settings, pings: the codec has answered them
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent) {
      if (isQuiet()) {
        context.close();
      }
    } else if (ConnectionHandler.DRAIN.equals(event)) {
      drain(context);
    }
  }

  private void drain(ChannelHandlerContext context) {
    context.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
    if (isQuiet()) {
      endSending(context);
      return;
    }
    codec
        .connection()
        .addListener(
            new Http2ConnectionAdapter() {
              @Override
              public void onStreamClosed(Http2Stream stream) {
                if (isQuiet()) {
                  context
                      .executor()
                      .schedule(() -> endSending(context), LINGER.toMillis(), MILLISECONDS);
                }
              }
            });
  }

  private boolean isQuiet() {
    return codec.connection().numActiveStreams() == 0;
  }

  private static void endSending(ChannelHandlerContext context) {
    if (context.channel().isActive()) {
      DuplexChannel channel = (DuplexChannel) context.channel();
      context
          .pipeline()
          .get(SslHandler.class)
          .closeOutbound()
          .addListener(_ -> channel.shutdownOutput());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("connection {} broke: {}", context.channel().remoteAddress(), cause.toString());
    context.close();
  }
}
