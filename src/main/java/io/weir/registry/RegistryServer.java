package io.weir.registry;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.weir.auth.Admission;
import io.weir.auth.Logins;
import io.weir.cache.Cache;
import io.weir.config.Address;
import io.weir.config.Config;
import io.weir.config.ConfigException;
import io.weir.config.UpstreamConfig;
import io.weir.logging.AccessLog;
import io.weir.metrics.ErrorReason;
import io.weir.metrics.Metrics;
import io.weir.oci.Origin;
import io.weir.tracing.Tracing;
import io.weir.watch.FileWatch;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners that answer pulls: one that all upstreams share, and one for each upstream that has
 * a port of its own.
 *
 * <p>Owns its event loops, threads {@code weir-io-…}, one for each processor.
 */
public final class RegistryServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RegistryServer.class);

  private static final int BACKLOG = 4096;

  private final Config config;
  private final InstantSource clock;
  private final FileWatch watch;
  private final TlsFiles tls;
  private final Logins logins;
  private final Endpoints endpoints;
  private final HttpDate date;
  private final Metrics metrics;
  private final AccessLog accessLog;
  private final boolean isNative = Epoll.isAvailable();
  private final EventLoopGroup loops;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Running running = new Running();
  private final Exchange.Observer observer;
  private final List<Channel> listeners = new ArrayList<>();
  private final Map<String, InetSocketAddress> ownAddresses = new LinkedHashMap<>();
  private @Nullable InetSocketAddress address;
  private volatile Admission admission;
  private volatile boolean isDraining;

  /**
   * Builds the server; {@link #start} opens its listeners.
   *
   * @param watch tells when files that it uses have changed
   * @param tracing where the spans of requests begin
   * @param accessLog where it is written what became of each request
   * @throws ConfigException where a file of {@code registry.tls} or {@code registry.auth} cannot be
   *     used
   */
  public RegistryServer(
      Config config,
      Cache cache,
      FileWatch watch,
      InstantSource clock,
      Metrics metrics,
      Tracing tracing,
      AccessLog accessLog) {
    this.config = config;
    this.clock = clock;
    this.watch = watch;
    this.tls = new TlsFiles(config, watch, clock, metrics);
    this.logins = new Logins(clock, metrics);
    this.admission = new Admission(config, logins, watch);
    this.endpoints = new Endpoints(new Addressing(config), admission, cache);
    this.date = new HttpDate(clock);
    this.metrics = metrics;
    this.accessLog = accessLog;
    this.observer = tracing.isOn() ? new TracedExchanges(tracing, running) : running;
    IoHandlerFactory io = isNative ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    this.loops =
        new MultiThreadIoEventLoopGroup(
            Runtime.getRuntime().availableProcessors(), new DefaultThreadFactory("weir-io"), io);
  }

  /**
   * Opens the listeners; on return they accept connections.
   *
   * @throws IOException where an address cannot be bound; the message names it
   */
  public void start() throws IOException {
    warnOfClearPasswords();
    address = listen(config.registry().listen(), null);
    for (UpstreamConfig upstream : config.upstreams().values()) {
      if (upstream.listen().isPresent()) {
        ownAddresses.put(upstream.name(), listen(upstream.listen().get(), upstream.name()));
      }
    }
    loops.scheduleAtFixedRate(
        () -> Thread.ofVirtual().name("certificates").start(tls::look), 1, 1, TimeUnit.MINUTES);
  }

  private void warnOfClearPasswords() {
    Config.Registry registry = config.registry();
    boolean hasPasswords = registry.auth().flatMap(Config.Auth::htpasswd).isPresent();
    if (hasPasswords && registry.tls().isEmpty() && !registry.listen().isLoopback()) {
      LOG.warn(
          "without registry.tls passwords come in clear text: whoever is on the way reads them");
    }
  }

  private InetSocketAddress listen(Address address, @Nullable String upstream) throws IOException {
    Entrance entrance = new Entrance(upstream, address.isLoopback());
    Class<? extends ServerChannel> type =
        isNative ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(type)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ConnectionSetup(
                    connections,
                    tls::context,
                    (wire, client, certificate) ->
                        handler(wire, entrance.with(certificate, client))));
    var bound =
        bootstrap
            .bind(new InetSocketAddress(address.host(), address.port()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on %s: %s; choose another address as %s"
              .formatted(address, reason(bound.cause()), key(upstream)),
          bound.cause());
    }
    listeners.add(bound.channel());
    return (InetSocketAddress) bound.channel().localAddress();
  }

  private ConnectionHandler handler(Wire wire, Entrance entrance) {
    return new ConnectionHandler(wire, endpoints, entrance, date, observer, () -> isDraining);
  }

  private static String key(@Nullable String upstream) {
    return upstream == null
        ? "registry.listen or with --listen"
        : "upstreams." + upstream + ".listen";
  }

  private static String reason(@Nullable Throwable cause) {
    String message = cause == null ? null : cause.getMessage();
    if (message == null) {
      return "unknown reason";
    }
    int reason = message.lastIndexOf("failed with error(-98): ");
    return reason < 0 ? message : "address already in use";
  }

  /**
   * Whether the listeners could be opened by {@code config}, as far as its files tell.
   *
   * @return what clients will not like in it, for the user to read
   * @throws ConfigException where a file of {@code registry.tls} or {@code registry.auth} cannot be
   *     used
   */
  public static List<String> check(Config config, Instant now) {
    List<String> warnings = TlsFiles.warnings(config, now);
    Admission.check(config);
    return warnings;
  }

  /**
   * Addresses requests that come from now on by {@code config}'s upstreams, lets in whom it lets
   * in, and reads the files of its TLS anew for connections that come from now on. Listeners stay
   * where they are.
   *
   * @throws ConfigException where a file of {@code registry.tls} or {@code registry.auth} cannot be
   *     used, or holds a certificate that is not valid in the place of one that is there; nothing
   *     has changed then
   */
  public void use(Config config) {
    Admission next = new Admission(config, logins, watch);
    try {
      tls.use(config);
    } catch (ConfigException e) {
      next.close();
      throw e;
    }
    endpoints.use(new Addressing(config), next);
    admission.close();
    admission = next;
  }

  /** Where the shared listener is bound. */
  public InetSocketAddress address() {
    if (address == null) {
      throw new IllegalStateException("not started");
    }
    return address;
  }

  /** Where the listeners of upstreams with a port of their own are bound, by upstream. */
  public Map<String, InetSocketAddress> ownAddresses() {
    return Map.copyOf(ownAddresses);
  }

  /** Why pulls cannot be answered now; empty where they can. */
  public Optional<String> obstacle() {
    return isDraining ? Optional.of("draining") : Optional.empty();
  }

  /** The bodies on their way to clients, the longest first. */
  public List<AnswerStatus> answers() {
    return running.transfers(clock.instant());
  }

  /**
   * Stops accepting connections, lets running answers end and their last bytes arrive, and closes
   * each connection after its answer.
   *
   * @param grace how long to wait for them; blocks until then at most
   * @return whether all answers have ended
   */
  public boolean drain(Duration grace) throws InterruptedException {
    isDraining = true;
    for (Channel listener : listeners) {
      listener.close().awaitUninterruptibly();
    }
    for (Channel connection : connections) {
      connection.pipeline().fireUserEventTriggered(ConnectionHandler.DRAIN);
    }
    long endNanos = System.nanoTime() + grace.toNanos();
    boolean haveEnded = running.awaitNone(grace);
    connections.newCloseFuture().await(endNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    return haveEnded;
  }

  /** Closes every listener and connection at once. */
  @Override
  public void close() {
    tls.close();
    for (Channel listener : listeners) {
      listener.close().awaitUninterruptibly();
    }
    // From the first handler, so that none waits for what it would rather send.
    connections.forEach(connection -> connection.pipeline().firstContext().close());
    connections.newCloseFuture().awaitUninterruptibly();
    admission.close();
    logins.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** The answers under way, and what is written down when they end. */
  private final class Running implements Exchange.Observer {

    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong begun = new AtomicLong();

    /** With a number for each, by which it is known from one look to the next. */
    private final Map<Exchange, Long> transfers = new ConcurrentHashMap<>();

    List<AnswerStatus> transfers(Instant now) {
      List<AnswerStatus> answers = new ArrayList<>();
      transfers.forEach((exchange, id) -> {
        Origin origin = exchange.origin();
        if (origin != null) {
          answers.add(AnswerStatus.of(id, exchange, origin, now));
        }
      });
      answers.sort(Comparator.comparingLong(AnswerStatus::id));
      return answers;
    }

    @Override
    public void began(Exchange exchange) {
      count.incrementAndGet();
    }

    @Override
    public void sending(Exchange exchange) {
      Origin origin = exchange.origin();
      if (origin != null) {
        metrics.transferBegan(origin.upstream());
        transfers.put(exchange, begun.incrementAndGet());
      }
    }

    @Override
    public void ended(Exchange exchange) {
      Origin origin = exchange.origin();
      if (origin != null) {
        if (exchange.isTransfer()) {
          metrics.transferEnded(origin.upstream());
          transfers.remove(exchange);
        }
        String upstream = origin.upstream();
        ErrorReason error = exchange.error();
        if (error == null) {
          metrics.request(upstream, exchange.kind(), exchange.outcome(), exchange.seconds());
        } else {
          metrics.requestFailed(upstream, exchange.kind(), error, exchange.seconds());
        }
        metrics.sent(upstream, exchange.isFromCache(), exchange.bodyBytes());
        if (exchange.firstByteSeconds() >= 0) {
          metrics.firstByte(upstream, exchange.kind(), exchange.firstByteSeconds());
        }
      }
      if (accessLog.isOn()) {
        accessLog.write(exchange.entry());
      }
      if (count.decrementAndGet() == 0 && isDraining) {
        synchronized (this) {
          notifyAll();
        }
      }
    }

    /** Waits until all answers have ended, while draining. */
    synchronized boolean awaitNone(Duration limit) throws InterruptedException {
      long endNanos = System.nanoTime() + limit.toNanos();
      while (count.get() > 0) {
        long leftMillis = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
        if (leftMillis <= 0) {
          return false;
        }
        wait(leftMillis);
      }
      return true;
    }
  }
}
