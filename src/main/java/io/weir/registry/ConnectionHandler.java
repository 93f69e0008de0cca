package io.weir.registry;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import io.weir.oci.ErrorCode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of HTTP/1.1, or one stream of HTTP/2: its requests are answered one after another,
 * in their order.
 *
 * <p>No request here needs a body. One that brings a body is answered, and the connection closed
 * after it, so that the body need not be read. Confined to the connection's event loop.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

  /** Requests that a client may send ahead before it has read the answers. */
  private static final int PIPELINED_MAX = 64;

  private final Wire wire;
  private final Endpoints endpoints;
  private final Entrance entrance;
  private final HttpDate date;
  private final Exchange.Observer observer;
  private final BooleanSupplier isDraining;

  /** Fired into every connection when draining begins. */
  static final Object DRAIN = new Object();

  private final Deque<HttpRequest> waiting = new ArrayDeque<>();
  private @Nullable Exchange current;
  private boolean isAnswering;

  /**
   * A handler for one connection or stream.
   *
   * @param wire what it is
   * @param entrance how it came in
   * @param isDraining whether connections are to be closed after the answer under way
   */
  ConnectionHandler(
      Wire wire,
      Endpoints endpoints,
      Entrance entrance,
      HttpDate date,
      Exchange.Observer observer,
      BooleanSupplier isDraining) {
    this.wire = wire;
    this.endpoints = endpoints;
    this.entrance = entrance;
    this.date = date;
    this.observer = observer;
    this.isDraining = isDraining;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest request) {
      if (waiting.size() == PIPELINED_MAX) {
        context.close();
      } else {
        waiting.add(request);
        answerNext(context);
      }
    }
    ReferenceCountUtil.release(message);
  }

  /**
   * Begins the next request, unless one is being answered. A loop, so that quick answers do not
   * pile up on the stack.
   */
  private void answerNext(ChannelHandlerContext context) {
    if (isAnswering) {
      return;
    }
    isAnswering = true;
    while (current == null && !waiting.isEmpty()) {
      begin(context, waiting.remove());
    }
    isAnswering = false;
    if (current == null && isDraining.getAsBoolean()) {
      context.close();
    }
  }

  private void begin(ChannelHandlerContext context, HttpRequest request) {
    boolean isSound = request.decoderResult().isSuccess();
    boolean keepAlive =
        isSound && HttpUtil.isKeepAlive(request) && !hasBody(request) && !isDraining.getAsBoolean();
    Exchange exchange =
        new Exchange(
            context,
            entrance,
            request,
            wire,
            keepAlive,
            date,
            observer,
            () -> {
              current = null;
              answerNext(context);
            });
    current = exchange;
    if (isSound) {
      endpoints.answer(exchange);
    } else {
      exchange.fail(unreadable(request.decoderResult().cause()));
    }
  }

  private static boolean hasBody(HttpRequest request) {
    return HttpUtil.isTransferEncodingChunked(request)
        || HttpUtil.getContentLength(request, 0L) > 0
        || request.method().equals(HttpMethod.CONNECT);
  }

  private static ErrorAnswer unreadable(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException _ ->
          ErrorAnswer.of(414, ErrorCode.NAME_INVALID, "the request line is too long");
      case TooLongHttpHeaderException _ ->
          ErrorAnswer.of(431, ErrorCode.UNSUPPORTED, "the request headers are too large");
      default -> ErrorAnswer.of(400, ErrorCode.UNSUPPORTED, "the request is not HTTP/1.1");
    };
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    waiting.clear();
    if (current != null) {
      current.connectionLost();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent) {
      // While upstream is waited for nothing moves either; its own time limits end that.
      if (current == null || hasUnsentBytes(context.channel())) {
        context.close();
      }
    } else if (event == DRAIN && current == null) {
      context.close();
    }
  }

  private static boolean hasUnsentBytes(Channel channel) {
    return channel.bytesBeforeUnwritable() < channel.config().getWriteBufferHighWaterMark();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("connection {} broke: {}", context.channel().remoteAddress(), cause.toString());
    context.close();
  }
}
