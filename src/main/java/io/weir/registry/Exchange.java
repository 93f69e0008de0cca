package io.weir.registry;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.weir.cache.CacheStatus;
import io.weir.logging.AccessEntry;
import io.weir.metrics.ErrorReason;
import io.weir.metrics.Kind;
import io.weir.metrics.Outcome;
import io.weir.oci.MediaType;
import io.weir.oci.Origin;
import io.weir.tracing.Span;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. Confined to the connection's event loop, but for {@link #offLoop}'s
 * work.
 *
 * <p>An answer ends in exactly one call of {@link #ended}; it is then counted and logged, with the
 * bytes that really went out.
 */
final class Exchange {

  /** Where finished exchanges are counted and logged. */
  interface Observer {
    void began(Exchange exchange);

    /** The head of an answer with a body of its own goes out. */
    void sending(Exchange exchange);

    void ended(Exchange exchange);
  }

  /** Names are ours, and need no check; values may come from elsewhere. */
  private static final HttpHeadersFactory HEADERS =
      DefaultHttpHeadersFactory.headersFactory().withNameValidation(false);

  private static final AsciiString API_VERSION_NAME =
      AsciiString.cached("Docker-Distribution-Api-Version");
  private static final AsciiString API_VERSION = AsciiString.cached("registry/2.0");
  private static final AsciiString CACHE_STATUS = AsciiString.cached("Cache-Status");

  /** Upstream's 401 is never a client's, so every 401 here is about a login here. */
  private static final AsciiString CHALLENGE = AsciiString.cached("Basic realm=\"weir\"");

  private final ChannelHandlerContext context;
  private final Entrance entrance;
  private final HttpRequest request;
  private final Wire wire;
  private final HttpDate date;
  private final Observer observer;
  private final Runnable next;
  private final long beganNanos = System.nanoTime();
  private final boolean keepAlive;

  private String user = "";
  private Kind kind = Kind.OTHER;
  private @Nullable Origin origin;
  private String reference = "";
  private @Nullable String namespace;
  private @Nullable CacheStatus cacheStatus;
  private int status;
  private long firstByteNanos = -1;

  /** Others look how far a transfer is. */
  private volatile long bodyBytes;

  /** As it was announced, or −1; known before {@link Observer#sending}. */
  private long announcedBytes = -1;

  private boolean isTransfer;
  private boolean isAborted;
  private @Nullable ErrorReason error;
  private boolean hasEnded;
  private long endedNanos;
  private Span span = Span.NONE;

  /**
   * A request whose head has arrived.
   *
   * @param entrance how its connection came in
   * @param wire what carries the answer
   * @param keepAlive whether the connection may serve another request afterwards
   * @param next called when the answer has ended and the connection is still good
   */
  Exchange(
      ChannelHandlerContext context,
      Entrance entrance,
      HttpRequest request,
      Wire wire,
      boolean keepAlive,
      HttpDate date,
      Observer observer,
      Runnable next) {
    this.context = context;
    this.entrance = entrance;
    this.request = request;
    this.wire = wire;
    this.keepAlive = keepAlive;
    this.date = date;
    this.observer = observer;
    this.next = next;
    observer.began(this);
  }

  ChannelHandlerContext context() {
    return context;
  }

  Entrance entrance() {
    return entrance;
  }

  Wire wire() {
    return wire;
  }

  HttpRequest request() {
    return request;
  }

  boolean isHead() {
    return request.method().equals(HttpMethod.HEAD);
  }

  /** The value of a request header, or null. */
  @Nullable String header(CharSequence name) {
    return request.headers().get(name);
  }

  // What the exchange is about, for headers, metrics and the log.

  /** Names the user who has proved to be it. */
  void by(String user) {
    this.user = user;
  }

  /** Names the subject, as soon as it is known. */
  void about(Kind kind, @Nullable Origin origin, String reference) {
    this.kind = kind;
    this.origin = origin;
    this.reference = reference;
  }

  /** The {@code ns} that the answer echoes in {@code OCI-Namespace}. */
  void namespace(String namespace) {
    this.namespace = namespace;
  }

  /** How the cache came to the answer. */
  void status(CacheStatus cacheStatus) {
    this.cacheStatus = cacheStatus;
  }

  /** What a trace is told of it. */
  void trace(Span span) {
    this.span = span;
  }

  // Answering.

  /** The beginning of an answer, with the headers that every answer has. */
  HttpResponse head(HttpResponseStatus status) {
    return prepare(new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, HEADERS));
  }

  /**
   * An answer with a small body that is at hand. For a HEAD request the body is announced and left
   * out.
   */
  FullHttpResponse whole(HttpResponseStatus status, String contentType, byte[] body) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            isHead() ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body),
            HEADERS,
            HEADERS);
    prepare(response);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
    HttpUtil.setContentLength(response, body.length);
    return response;
  }

  private <R extends HttpResponse> R prepare(R response) {
    response.headers().set(HttpHeaderNames.DATE, date.now());
    response.headers().set(API_VERSION_NAME, API_VERSION);
    if (cacheStatus != null) {
      response.headers().set(CACHE_STATUS, cacheStatus.header());
    }
    if (namespace != null) {
      response.headers().set("OCI-Namespace", namespace);
    }
    return response;
  }

  /** Sends an answer that is complete, and ends the exchange. */
  void send(FullHttpResponse response) {
    bodyBytes = response.content().readableBytes();
    ChannelFuture sent = write(response);
    context.flush();
    end(sent);
  }

  /** Sends an answer without a body, such as 304, and ends the exchange. */
  void sendEmpty(HttpResponse head) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            head.protocolVersion(),
            head.status(),
            Unpooled.EMPTY_BUFFER,
            head.headers(),
            head.headers().copy().clear());
    send(response);
  }

  /** Queues the beginning of an answer whose body follows. */
  void begin(HttpResponse head) {
    if (!hasEnded) { // the client may have left while its answer was made
      isTransfer = true;
      announcedBytes = HttpUtil.getContentLength(head, -1L);
      observer.sending(this);
    }
    write(head);
  }

  private ChannelFuture write(HttpResponse response) {
    status = response.status().code();
    firstByteNanos = System.nanoTime();
    HttpUtil.setKeepAlive(response, keepAlive);
    return context.write(response);
  }

  /** Ends the exchange when {@code last} has gone out. */
  void end(ChannelFuture last) {
    if (last.isDone()) {
      settle(last);
    } else {
      last.addListener((ChannelFutureListener) this::settle);
    }
  }

  private void settle(ChannelFuture last) {
    if (!last.isSuccess()) {
      wire.cut(context);
      connectionLost();
      return;
    }
    ended();
    if (keepAlive) {
      next.run();
    } else {
      context.close();
    }
  }

  /** Answers with an error document. */
  void fail(Throwable failure) {
    fail(
        ErrorAnswer.to(failure, kind),
        failure instanceof ByteRange.UnsatisfiableException e ? e.sizeBytes() : -1);
  }

  /** Answers with an error document. */
  void fail(ErrorAnswer error) {
    fail(error, -1);
  }

  private void fail(ErrorAnswer answer, long sizeBytes) {
    if (status != 0) {
      abort(answer.reason()); // another answer has begun to go out
      return;
    }
    cacheStatus = null;
    error = answer.reason();
    FullHttpResponse response = whole(answer.statusLine(), MediaType.JSON, answer.document());
    if (answer.retryAfter() != null) {
      response
          .headers()
          .set(HttpHeaderNames.RETRY_AFTER, Math.max(1, answer.retryAfter().toSeconds()));
    }
    if (answer.status() == HttpResponseStatus.METHOD_NOT_ALLOWED.code()) {
      response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
    }
    if (answer.status() == HttpResponseStatus.UNAUTHORIZED.code()) {
      response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, CHALLENGE);
    }
    if (sizeBytes >= 0) {
      response
          .headers()
          .set(HttpHeaderNames.CONTENT_RANGE, HttpHeaderValues.BYTES + " */" + sizeBytes);
    }
    send(response);
  }

  /** Cuts the answer: what the client has is not whole, and it must see that. */
  void abort(Throwable failure) {
    abort(ErrorAnswer.reason(failure));
  }

  /** Cuts the answer, because the client does not take it any more. */
  void abandon() {
    abort(ErrorReason.ABORTED);
  }

  private void abort(ErrorReason reason) {
    cut(reason);
    wire.cut(context);
    ended();
  }

  /** What went wrong first is why it ended so. */
  private void cut(ErrorReason reason) {
    isAborted = true;
    if (error == null) {
      error = reason;
    }
  }

  /** The connection went away: before its time, unless the client has all that was announced. */
  void connectionLost() {
    if (!hasEnded) {
      if (!isTransfer || bodyBytes != announcedBytes) {
        cut(ErrorReason.ABORTED);
      }
      ended();
    }
  }

  private void ended() {
    if (!hasEnded) {
      hasEnded = true;
      endedNanos = System.nanoTime();
      observer.ended(this);
    }
  }

  /**
   * Does blocking work on a virtual thread and comes back to the event loop with what it made: the
   * rest of the answer. A failure becomes an error answer.
   */
  void offLoop(Supplier<Runnable> work) {
    Thread _ = Thread.ofVirtual().name("request").start(() -> span.run(() -> perform(work)));
  }

  private void perform(Supplier<Runnable> work) {
    Runnable reply;
    try {
      reply = work.get();
    } catch (RuntimeException e) {
      reply = () -> fail(e);
    }
    Runnable answer = reply;
    context.executor().execute(() -> onLoop(answer));
  }

  private void onLoop(Runnable answer) {
    try {
      answer.run();
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  /** Body bytes went out. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // only the event loop writes it
  void sent(long bytes) {
    bodyBytes += bytes;
  }

  // What became of it.

  /** What a trace is told of it; {@link Span#NONE} where nobody listens. */
  Span span() {
    return span;
  }

  /** The user who asked, or empty for one who did not say. */
  String user() {
    return user;
  }

  Kind kind() {
    return kind;
  }

  @Nullable Origin origin() {
    return origin;
  }

  String reference() {
    return reference;
  }

  /** The HTTP status that was sent, or 0 where none was. */
  int httpStatus() {
    return status;
  }

  long bodyBytes() {
    return bodyBytes;
  }

  /** How long the body is to be, or −1 where nobody knows. For a transfer. */
  long announcedBytes() {
    return announcedBytes;
  }

  /** Whether {@link Observer#sending} was called. */
  boolean isTransfer() {
    return isTransfer;
  }

  /** Whether the answer was cut short. */
  boolean isAborted() {
    return isAborted;
  }

  /** The {@code Cache-Status} that was sent, or empty. */
  String cacheHeader() {
    return cacheStatus == null ? "" : cacheStatus.header();
  }

  /** For the access log. */
  AccessEntry entry() {
    return new AccessEntry(
        entrance.client().text(),
        user,
        request.method().name(),
        origin == null ? "" : origin.upstream(),
        origin == null ? "" : origin.repository().name(),
        kind.label(),
        reference,
        status,
        bodyBytes,
        seconds(),
        cacheHeader(),
        isAborted,
        span.traceId());
  }

  Outcome outcome() {
    return cacheStatus == null || error != null ? Outcome.ERROR : cacheStatus.outcome();
  }

  /** Why the outcome is an error; null where it is none. */
  @Nullable ErrorReason error() {
    return error == null && cacheStatus == null ? ErrorReason.INTERNAL : error;
  }

  /** Whether the bytes sent were stored, or being stored for another, when the request came. */
  boolean isFromCache() {
    return cacheStatus == null
        || (cacheStatus.outcome() != Outcome.MISS && cacheStatus.outcome() != Outcome.BYPASS);
  }

  /** Seconds from the request's head to the end of its answer, or to now. */
  double seconds() {
    long nanos = (hasEnded ? endedNanos : System.nanoTime()) - beganNanos;
    return (double) nanos / TimeUnit.SECONDS.toNanos(1);
  }

  /** Seconds from the request's head to the answer's, or −1 where none was sent. */
  double firstByteSeconds() {
    return firstByteNanos < 0
        ? -1
        : (double) (firstByteNanos - beganNanos) / TimeUnit.SECONDS.toNanos(1);
  }
}
