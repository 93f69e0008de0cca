package io.weir.upstream;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.net.impl.VertxConnection;
import io.weir.config.UpstreamConfig;
import io.weir.config.UpstreamConfig.Timeouts;
import io.weir.metrics.Metrics;
import io.weir.tracing.Span;
import io.weir.watch.FileWatch;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request and waits for the head of its answer: Vert.x's HTTP/1.1 client, for callers
 * that block.
 *
 * <p>Everything of one upstream happens on one event loop. With that loop a connection and the
 * request on it are always on the same thread, so that no piece of a body waits between two loops,
 * and {@link BodyQueue} is the only place where pieces wait. One loop moved 1.0 to 1.7 GiB/s in
 * plain HTTP on two busy cores. {@link #send} is called on any other thread, and blocks it.
 */
final class Transport implements AutoCloseable {

  private static final String USER_AGENT = "weir/" + version();

  /** Signed URLs and token challenges can be long. */
  private static final int HEADER_BYTES_MAX = 64 << 10;

  /**
   * How much is read from a socket at a time, at most: a third less CPU for each byte than with
   * Netty's 64 KiB, when measured alone. Only for plain HTTP: an encrypted connection has read its
   * handshake before this can be set, and keeps Netty's.
   */
  private static final int READ_BYTES_MAX = 256 << 10;

  /**
   * Shorter than what servers and NAT devices commonly allow, so that we are the first to close.
   */
  private static final int KEEP_ALIVE_SECONDS = 45;

  private final UpstreamConfig config;
  private final Vertx vertx;
  private final String upstream;
  private final Timeouts timeouts;
  private final Failures failures;
  private final Vitals vitals;
  private final Metrics metrics;
  private final ProxyChoice proxies;
  private final List<Target> own;
  private final ClientTls tls;
  private final FileWatch.Watched tlsFiles;
  private final Context loop;

  private @Nullable HttpClientAgent client; // guarded by this
  private boolean isClosed; // guarded by this

  /**
   * @param own the upstream's URLs: only their hosts are shown the client certificate, and the
   *     context of a trace
   */
  Transport(
      UpstreamConfig config,
      List<Target> own,
      ProxyChoice proxies,
      Vertx vertx,
      FileWatch watch,
      InstantSource clock,
      Failures failures,
      Vitals vitals,
      Metrics metrics) {
    this.config = config;
    this.vertx = vertx;
    this.upstream = config.name();
    this.timeouts = config.timeouts();
    this.failures = failures;
    this.vitals = vitals;
    this.metrics = metrics;
    this.proxies = proxies;
    this.own = List.copyOf(own);
    this.tls = new ClientTls(config, vertx, clock);
    this.tlsFiles = watch.on(tls.files(), tls::reread);
    this.loop = ((VertxInternal) vertx).createEventLoopContext();
  }

  /**
   * Made for the first request, because with it BoringSSL is loaded: a quarter of a second that a
   * start should not wait for.
   */
  private synchronized HttpClientAgent client() {
    if (client == null) {
      client = newClient();
      if (isClosed) {
        client.close();
      }
    }
    return client;
  }

  private HttpClientAgent newClient() {
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setConnectTimeout(millis(timeouts.connect()))
            .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
            .setMaxChunkSize(READ_BYTES_MAX)
            .setMaxHeaderSize(HEADER_BYTES_MAX)
            .setVerifyHost(!config.tls().insecureSkipVerify());
    // Permits bound the requests; a small one may be on its way beside them to get a token.
    PoolOptions pool = new PoolOptions().setHttp1MaxSize(2 * config.connections() + 8);
    return vertx
        .httpClientBuilder()
        .with(options)
        .with(pool)
        .with(engine())
        .withConnectHandler(Transport::connected)
        .build();
  }

  private static String version() {
    String version = Transport.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }

  private static SSLEngineOptions engine() {
    return OpenSSLEngineOptions.isAvailable()
        ? new OpenSSLEngineOptions()
        : new JdkSSLEngineOptions();
  }

  private static int millis(Duration duration) {
    return Math.clamp(duration.toMillis(), 1, Integer.MAX_VALUE);
  }

  private static void connected(HttpConnection connection) {
    ((VertxConnection) connection)
        .channel()
        .config()
        .setRecvByteBufAllocator(
            new AdaptiveRecvByteBufAllocator(1 << 10, 16 << 10, READ_BYTES_MAX));
  }

  /**
   * Sends a request and waits for the head of the answer, whatever its status. Redirects are not
   * followed.
   */
  Exchange send(Request request, Deadline deadline) throws TryFailedException {
    long start = System.nanoTime();
    String status = "error";
    String problem = "";
    boolean isAnswered = false;
    Span span = CallSpan.begin(upstream, request, isOwn(request.target()));
    try {
      HttpClientRequest connected = connect(request, span, deadline);
      Exchange exchange = answer(request, connected, deadline);
      exchange.trace(span);
      isAnswered = true;
      status = Integer.toString(exchange.status());
      note(exchange);
      return exchange;
    } catch (TryFailedException e) {
      if (e.meaning().kind() == UpstreamException.Kind.TIMEOUT) {
        status = "timeout";
      }
      problem = String.valueOf(e.meaning().getMessage());
      throw e;
    } finally {
      if (!isAnswered) {
        span.fail(status, problem);
        span.end();
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      metrics.upstreamRequest(upstream, request.kind(), status, seconds);
    }
  }

  private boolean isOwn(Target target) {
    return own.stream().anyMatch(target::hasOriginOf);
  }

  private HttpClientRequest connect(Request request, Span span, Deadline deadline)
      throws TryFailedException {
    Target target = request.target();
    @Nullable ProxyOptions proxy = proxies.of(target);
    String place =
        proxy == null
            ? target.hostAndPort()
            : "%s by the proxy %s:%d"
                .formatted(target.hostAndPort(), proxy.getHost(), proxy.getPort());
    RequestOptions options =
        new RequestOptions()
            .setMethod(request.method())
            .setHost(target.host())
            .setPort(target.port())
            .setSsl(target.isTls())
            .setSslOptions(target.isTls() ? sslOptions(target, place) : null)
            .setProxyOptions(proxy)
            .setURI(target.pathAndQuery())
            .putHeader("Host", target.authority())
            .putHeader("User-Agent", USER_AGENT)
            .putHeader("Accept-Encoding", "identity");
    request.headers().forEach(options::putHeader);
    if (request.authorization() != null) {
      options.putHeader("Authorization", request.authorization());
    }
    if (isOwn(target)) {
      span.propagate(options::putHeader);
    }
    Promise<HttpClientRequest> promise = Promise.promise();
    Future<HttpClientRequest> connecting = promise.future();
    HttpClientAgent client = client();
    loop.runOnContext(_ -> request(client, options, promise));
    try {
      return await(connecting, deadline.limit(timeouts.connect()));
    } catch (ExecutionException e) {
      throw failures.connecting(cause(e), place);
    } catch (TimeoutException e) {
      connecting.onSuccess(HttpClientRequest::reset);
      throw failures.notConnected(place);
    } catch (InterruptedException e) {
      connecting.onSuccess(HttpClientRequest::reset);
      throw Failures.interrupted(upstream);
    }
  }

  private ClientSSLOptions sslOptions(Target target, String place) throws TryFailedException {
    try {
      return isOwn(target) ? tls.toOwn() : tls.toOthers();
    } catch (IOException e) {
      throw failures.tlsFiles(e, place);
    }
  }

  /** On the event loop. */
  private static void request(
      HttpClientAgent client, RequestOptions options, Promise<HttpClientRequest> promise) {
    try {
      // Without a handler from the first moment Vert.x logs a connection that closes as an error.
      client.request(options).map(made -> made.exceptionHandler(_ -> {})).onComplete(promise);
    } catch (IllegalStateException e) {
      promise.fail(e); // The client is closed.
    }
  }

  private Exchange answer(Request request, HttpClientRequest connected, Deadline deadline)
      throws TryFailedException {
    Target target = request.target();
    // The exchange has to be made on the event loop, in the same turn in which the head came: after
    // it the body is delivered to whoever listens.
    Future<Exchange> answering =
        connected
            .response()
            .map(response ->
                new Exchange(
                    upstream,
                    target,
                    response,
                    timeouts.stall(),
                    bytes -> metrics.upstreamReceived(upstream, bytes)));
    if (request.body() == null) {
      connected.end();
    } else {
      connected.end(Buffer.buffer(request.body()));
    }
    try {
      return await(answering, deadline.limit(timeouts.response()));
    } catch (ExecutionException e) {
      throw failures.answering(cause(e), target);
    } catch (TimeoutException e) {
      connected.reset();
      throw failures.notAnswered(target);
    } catch (InterruptedException e) {
      connected.reset();
      throw Failures.interrupted(upstream);
    }
  }

  private static <T> T await(Future<T> future, Duration limit)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .get(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static Throwable cause(ExecutionException e) {
    return e.getCause() == null ? e : e.getCause();
  }

  private void note(Exchange exchange) {
    if (isOwn(exchange.target()) && exchange.status() < 500) {
      vitals.answered();
    }
    vitals.limited(exchange::header);
  }

  /**
   * Reads the files of {@code tls} again: new connections are by what they hold. Vert.x keeps apart
   * the connections of different options, and those that nobody uses any more end when idle.
   */
  void rereadTls() {
    tls.reread();
  }

  /** Closes every connection; what is under way fails. */
  @Override
  public synchronized void close() {
    isClosed = true;
    tlsFiles.close();
    if (client != null) {
      client.close();
    }
  }
}
