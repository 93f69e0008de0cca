package io.weir.registry;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an HTTP/2 connection does as a whole, beside its streams: it ends. Closing it sends GOAWAY
 * and lets its streams end first. Confined to the connection's event loop.
 */
final class Http2Connection extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(Http2Connection.class);

  private final Http2FrameCodec codec;

  Http2Connection(Http2FrameCodec codec) {
    this.codec = codec;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object frame) {
    ReferenceCountUtil.release(frame); // settings, pings: the codec has answered them
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    boolean isIdle = event instanceof IdleStateEvent && codec.connection().numActiveStreams() == 0;
    if (isIdle || ConnectionHandler.DRAIN.equals(event)) {
      context.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("connection {} broke: {}", context.channel().remoteAddress(), cause.toString());
    context.close();
  }
}
