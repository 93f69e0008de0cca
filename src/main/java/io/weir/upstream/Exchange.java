package io.weir.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.impl.VertxConnection;
import io.weir.tracing.Span;
import io.weir.upstream.UpstreamException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One request that was answered: the head of the answer, and its body as it arrives.
 *
 * <p>Made on the event loop, where the body's pieces are handed over; read by one other thread at a
 * time, which blocks. Closing it before the end of the body drops the connection; after the end the
 * connection is already back in the pool.
 */
final class Exchange implements AutoCloseable {

  /** How much of an answer that is not wanted is read to keep its connection, in bytes. */
  private static final int DISCARD_BYTES_MAX = 64 << 10;

  /** How long each piece of it is waited for. */
  private static final Duration DISCARD_LIMIT = Duration.ofSeconds(1);

  private final String upstream;
  private final Target target;
  private final HttpClientResponse response;
  private final boolean isHead;
  private final Duration stallLimit;
  private final LongConsumer received;
  private final BodyQueue body;
  private long receivedBytes;
  private Predicate<String> secret = _ -> false;
  private Span span = Span.NONE;

  /** To be called on the response's event loop, before anything of its body is delivered. */
  Exchange(
      String upstream,
      Target target,
      HttpClientResponse response,
      Duration stallLimit,
      LongConsumer received) {
    this.upstream = upstream;
    this.target = target;
    this.response = response;
    this.isHead = response.request().getMethod().equals(HttpMethod.HEAD);
    this.stallLimit = stallLimit;
    this.received = received;
    this.body = new BodyQueue(flow(response));
    response.handler(piece -> body.put(heapBytes(piece)));
    response.exceptionHandler(body::fail);
    response.endHandler(_ -> body.end());
  }

  /**
   * Remembers what the request was shown with.
   *
   * @param held whether a text holds a secret of it
   */
  void hide(Predicate<String> held) {
    secret = held;
  }

  /** Tells a trace of the answer; the span of the request ends when this is closed. */
  void trace(Span span) {
    this.span = span;
    span.set("http.response.status_code", status());
    if (status() >= 400) {
      span.fail(Integer.toString(status()), "");
    }
  }

  /** Whether {@code text}, of the answer, repeats a secret of the request. */
  boolean hides(String text) {
    return secret.test(text);
  }

  /**
   * Stops and starts reading at the socket. {@code HttpClientResponse.pause()} would do, but behind
   * it Vert.x collects up to 24 more pieces of 256 KiB before it stops reading. It must not be used
   * beside this: Vert.x and we would undo each other's decisions.
   */
  private static BodyQueue.Flow flow(HttpClientResponse response) {
    ChannelConfig socket = ((VertxConnection) response.request().connection()).channel().config();
    return new BodyQueue.Flow() {
      @Override
      public void pause() {
        socket.setAutoRead(false);
      }

      @Override
      public void resume() {
        socket.setAutoRead(true);
      }
    };
  }

  /**
   * The bytes of a Vert.x buffer. Vert.x has copied them to the heap already; {@code getBytes()}
   * would copy them again.
   */
  private static ByteBuffer heapBytes(Buffer piece) {
    ByteBuf bytes = ((BufferInternal) piece).getByteBuf();
    return bytes.hasArray()
        ? ByteBuffer.wrap(
            bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), bytes.readableBytes())
        : ByteBuffer.wrap(piece.getBytes());
  }

  /** Where the answer came from: the last target, where there were redirects. */
  Target target() {
    return target;
  }

  int status() {
    return response.statusCode();
  }

  @Nullable String header(String name) {
    return response.getHeader(name);
  }

  List<String> headers(String name) {
    return response.headers().getAll(name);
  }

  /** The {@code Content-Length}, or −1 where there is none that makes sense. */
  long contentLength() {
    String length = header("Content-Length");
    if (length == null) {
      return -1;
    }
    try {
      return Math.max(-1, Long.parseLong(length.strip()));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /**
   * The next piece of the body, waiting for it; null at the end.
   *
   * @throws UpstreamException {@code UNAVAILABLE} where the body is cut off, {@code TIMEOUT} where
   *     it stalls
   */
  @Nullable ByteBuffer next() {
    return next(stallLimit);
  }

  private @Nullable ByteBuffer next(Duration limit) {
    ByteBuffer piece;
    try {
      piece = body.take(limit);
    } catch (IOException e) {
      throw broken("the connection broke", e.getCause());
    } catch (TimeoutException e) {
      span.fail("timeout", "the body stalled");
      throw new UpstreamException(
          Kind.TIMEOUT,
          "%s: the body stalled for %s (%s)"
              .formatted(upstream, Failures.text(limit), target.hostAndPort()));
    } catch (InterruptedException e) {
      throw Failures.interrupted(upstream);
    }
    if (piece != null) {
      receivedBytes += piece.remaining();
      received.accept(piece.remaining());
      return piece;
    }
    if (!isHead && receivedBytes < contentLength()) {
      throw broken("the body ended early", null);
    }
    return null;
  }

  private UpstreamException broken(String what, @Nullable Throwable cause) {
    span.fail("broken", what);
    return new UpstreamException(
        Kind.UNAVAILABLE,
        "%s: %s after %d bytes (%s)".formatted(upstream, what, receivedBytes, target.hostAndPort()),
        null,
        cause);
  }

  /**
   * The whole body, or its first {@code limit} bytes and one more where it is longer.
   *
   * @throws UpstreamException as {@link #next}
   */
  byte[] read(int limit) {
    return read(limit, stallLimit);
  }

  private byte[] read(int limit, Duration pieceLimit) {
    ByteArrayOutputStream bytes =
        new ByteArrayOutputStream(Math.clamp(contentLength(), 512, limit + 1));
    ByteBuffer piece = next(pieceLimit);
    while (piece != null && bytes.size() <= limit) {
      int length = Math.min(piece.remaining(), limit + 1 - bytes.size());
      bytes.write(piece.array(), piece.arrayOffset() + piece.position(), length);
      piece = next(pieceLimit);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads what is left of a body that nobody wants, if it is short, so that its connection lives.
   */
  void discard() {
    try (this) {
      if (isHead || contentLength() <= DISCARD_BYTES_MAX) {
        read(DISCARD_BYTES_MAX, DISCARD_LIMIT);
      }
    } catch (UpstreamException e) {
      // It was not wanted.
    }
  }

  @Override
  public void close() {
    if (!body.drop()) {
      response.request().reset();
    }
    span.set("http.response.body.size", receivedBytes).end();
  }
}
