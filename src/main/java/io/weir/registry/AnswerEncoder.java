package io.weir.registry;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpConstants;
import io.netty.handler.codec.http.HttpResponseEncoder;

/**
 * Writes answers as HTTP/1.1. One that is at hand as a whole becomes one buffer, where Netty's own
 * encoder makes two, a promise that joins them, and a copy of the body besides; the others are left
 * to it.
 *
 * <p>What a HEAD is answered with has no body here already ({@link Exchange#whole}), so no request
 * has to be remembered, as {@code HttpServerCodec} does.
 */
final class AnswerEncoder extends HttpResponseEncoder {

  /** Room for the status line and the headers of a manifest; a buffer that is short grows. */
  private static final int HEAD_BYTES_USUAL = 640;

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    if (message instanceof FullHttpResponse answer) {
      ByteBuf body = answer.content();
      ByteBuf whole = context.alloc().directBuffer(HEAD_BYTES_USUAL + body.readableBytes());
      try {
        encodeInitialLine(whole, answer);
        encodeHeaders(answer.headers(), whole);
        whole.writeShort(HttpConstants.CR << Byte.SIZE | HttpConstants.LF);
        whole.writeBytes(body);
      } catch (RuntimeException e) {
        whole.release();
        throw e;
      } finally {
        answer.release();
      }
      context.write(whole, promise);
    } else {
      super.write(context, message, promise);
    }
  }
}
