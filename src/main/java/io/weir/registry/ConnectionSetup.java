package io.weir.registry;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.OptionalSslHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import io.weir.auth.CertificateUser;
import io.weir.oci.ErrorCode;
import io.weir.oci.MediaType;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every connection is made of: TLS where it is configured, HTTP/1.1 or what ALPN chose, and a
 * {@link ConnectionHandler} for the connection or for each of its streams.
 *
 * <pre>
 * HTTP/1.1             idle → [TLS] → decoder, AnswerEncoder → ConnectionHandler
 * HTTP/2               idle → TLS → codec → streams → Http2Ending
 * each of its streams  idle → codec → ConnectionHandler
 * </pre>
 */
final class ConnectionSetup extends ChannelInitializer<Channel> {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionSetup.class);

  private static final int REQUEST_LINE_BYTES_MAX = 8 << 10;
  private static final int HEADERS_BYTES_MAX = 32 << 10;

  /** Requests under way on one HTTP/2 connection. Each holds a piece of a file at most. */
  private static final int STREAMS_MAX = 250;

  /** After so long without a byte in either direction a connection or a stream is given up. */
  private static final Duration IDLE_MAX = Duration.ofMinutes(2);

  private static final Http2StreamFrameToHttpObjectCodec STREAM_CODEC =
      new Http2StreamFrameToHttpObjectCodec(true);

  private final ChannelGroup connections;
  private final Supplier<@Nullable SslContext> tls;
  private final Handlers handlers;

  /** Makes what answers the requests of a connection or stream. */
  interface Handlers {

    /**
     * The handler of a connection or stream.
     *
     * @param certificate the user whom the client's verified certificate names, or null
     */
    ConnectionHandler of(Wire wire, Client client, @Nullable String certificate);
  }

  /**
   * Sets up the connections of one listener.
   *
   * @param connections gets each connection, and loses it when it is closed
   * @param tls what a connection that comes now speaks; null for none
   */
  ConnectionSetup(ChannelGroup connections, Supplier<@Nullable SslContext> tls, Handlers handlers) {
    this.connections = connections;
    this.tls = tls;
    this.handlers = handlers;
  }

  @Override
  protected void initChannel(Channel channel) {
    connections.add(channel);
    channel.pipeline().addLast(idle());
    SslContext context = tls.get();
    if (context == null) {
      speakHttp1(channel.pipeline(), Wire.PLAIN, null);
    } else {
      channel.pipeline().addLast(new TlsOrRefusal(context)).addLast(new Negotiation());
    }
  }

  private void speakHttp1(ChannelPipeline pipeline, Wire wire, @Nullable String certificate) {
    HttpDecoderConfig limits =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(REQUEST_LINE_BYTES_MAX)
            .setMaxHeaderSize(HEADERS_BYTES_MAX);
    pipeline.addLast(
        new HttpRequestDecoder(limits),
        new AnswerEncoder(),
        handlers.of(wire, Client.of(pipeline.channel()), certificate));
  }

  private void speakHttp2(ChannelPipeline pipeline, @Nullable String certificate) {
    Http2Settings settings =
        Http2Settings.defaultSettings()
            .maxConcurrentStreams(STREAMS_MAX)
            .maxHeaderListSize(HEADERS_BYTES_MAX);
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(settings)
            .decoupleCloseAndGoAway(true) // Http2Ending does both
            .build();
    pipeline.addLast(
        codec, new Http2MultiplexHandler(new StreamSetup(certificate)), new Http2Ending(codec));
  }

  private static IdleStateHandler idle() {
    return new IdleStateHandler(true, 0, 0, IDLE_MAX.toSeconds(), TimeUnit.SECONDS);
  }

  /** What every HTTP/2 stream is made of. */
  private final class StreamSetup extends ChannelInitializer<Channel> {

    private final @Nullable String certificate;

    StreamSetup(@Nullable String certificate) {
      this.certificate = certificate;
    }

    @Override
    protected void initChannel(Channel stream) {
      stream
          .pipeline()
          .addLast(idle(), STREAM_CODEC, handlers.of(Wire.STREAM, Client.of(stream), certificate));
    }
  }

  /** Goes on by the protocol that ALPN has chosen. */
  private final class Negotiation extends ApplicationProtocolNegotiationHandler {

    Negotiation() {
      super(ApplicationProtocolNames.HTTP_1_1);
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext context, String protocol) {
      String certificate = certificate(context.pipeline());
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        speakHttp2(context.pipeline(), certificate);
      } else {
        speakHttp1(context.pipeline(), Wire.TLS, certificate);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
      if (event instanceof IdleStateEvent || ConnectionHandler.DRAIN.equals(event)) {
        context.close();
      } else {
        super.userEventTriggered(context, event);
      }
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
      LOG.debug("no TLS with {}: {}", context.channel().remoteAddress(), cause.toString());
      context.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      handshakeFailure(context, cause);
    }
  }

  /** The user whom the client's certificate names; null where it showed none. */
  private static @Nullable String certificate(ChannelPipeline pipeline) {
    SSLSession session = pipeline.get(SslHandler.class).engine().getSession();
    try {
      return session.getPeerCertificates()[0] instanceof X509Certificate certificate
          ? CertificateUser.of(certificate)
          : null;
    } catch (SSLPeerUnverifiedException _) {
      return null;
    }
  }

  /** TLS; who speaks HTTP instead is told so, in HTTP. */
  private static final class TlsOrRefusal extends OptionalSslHandler {

    TlsOrRefusal(SslContext tls) {
      super(tls);
    }

    @Override
    protected SslHandler newSslHandler(ChannelHandlerContext context, SslContext tls) {
      SslHandler handler = tls.newHandler(context.alloc());
      handler.setWrapDataSize(Wire.BUFFER_BYTES);
      return handler;
    }

    @Override
    protected ChannelHandler newNonSslHandler(ChannelHandlerContext context) {
      return new Refusal();
    }
  }

  private static final class Refusal extends ChannelInboundHandlerAdapter {

    private static final byte[] ANSWER = answer();

    private static byte[] answer() {
      ErrorAnswer error =
          ErrorAnswer.of(400, ErrorCode.UNSUPPORTED, "this port speaks HTTPS, and this was HTTP");
      String document = new String(error.document(), StandardCharsets.UTF_8);
      String answer =
          "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
              .formatted(error.statusLine(), MediaType.JSON, error.document().length, document);
      return answer.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
      context
          .writeAndFlush(Unpooled.wrappedBuffer(ANSWER))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }
}
