package io.weir.testing;

import io.weir.Preparation;
import io.weir.Weir;
import io.weir.config.Address;
import io.weir.config.Config;
import io.weir.config.RetentionConfig;
import io.weir.config.Size;
import io.weir.config.TagsConfig;
import io.weir.config.UpstreamConfig;
import io.weir.logging.AccessLog;
import io.weir.oci.ImagePattern;
import io.weir.store.Uptime;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A whole server in this process, on loopback and free ports, built as {@code weir serve} builds
 * it.
 */
public final class WeirServer implements AutoCloseable {

  private final Weir weir;

  private WeirServer(Weir weir) {
    this.weir = weir;
  }

  /** A server that keeps its store in {@code data}. */
  public static Builder in(Path data) {
    return new Builder(data);
  }

  /** The URL of a path on the shared listener; the path begins with a slash. */
  public URI url(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  /** The port of the shared listener. */
  public int port() {
    return weir.registryAddress().getPort();
  }

  /** The port of the admin listener. */
  public int adminPort() {
    return weir.adminAddress().getPort();
  }

  /** The port of an upstream's own listener. */
  public int portOf(String upstream) {
    InetSocketAddress address = weir.upstreamAddresses().get(upstream);
    if (address == null) {
      throw new IllegalArgumentException(upstream + " has no port of its own");
    }
    return address.getPort();
  }

  /** Goes on by what {@code next} would start; returns the keys that wait for another start. */
  public List<String> reload(Builder next) {
    return weir.reload(next.config());
  }

  /** The server itself. */
  public Weir weir() {
    return weir;
  }

  /** Waits until the index and the files have been compared after the start. */
  public WeirServer awaitReconciliation() {
    while (weir.reconciliation().last().isEmpty()) {
      Thread.onSpinWait();
    }
    return this;
  }

  @Override
  public void close() {
    weir.close();
  }

  /** What to start. */
  public static final class Builder {

    private final Path data;
    private final Map<String, UpstreamConfig> upstreams = new LinkedHashMap<>();
    private int port;
    private Optional<String> defaultUpstream = Optional.empty();
    private TagsConfig tags =
        new TagsConfig(Duration.ofMinutes(1), TagsConfig.StaleIfError.ALWAYS, List.of());
    private Config.Abandoned abandoned = Config.Abandoned.FINISH;
    private int prefetch;
    private int connectionsPerBlob = 1;
    private String host = "127.0.0.1";
    private Optional<Config.Auth> auth = Optional.empty();
    private Optional<Config.Tls> tls = Optional.empty();
    private boolean preferHttp2;
    private Duration grace = Duration.ofSeconds(10);
    private String adminHost = "127.0.0.1";
    private int adminPort;
    private final List<ImagePattern> pins = new ArrayList<>();
    private Optional<Path> adminToken = Optional.empty();
    private Size maxSize = new Size.Percent(100);
    private Size minFree = new Size.Bytes(0);
    private Duration ttl = Duration.ZERO;
    private Config.Scrub scrub = new Config.Scrub(Duration.ZERO, 20 << 20, false);
    private Config.Tracing tracing = Config.Tracing.DEFAULT;
    private AccessLog accessLog = AccessLog.NONE;
    private InstantSource clock = InstantSource.system();
    private Uptime uptime = Uptime.ofMachine();
    private UpstreamConfig.Timeouts timeouts =
        new UpstreamConfig.Timeouts(
            Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(2));

    private Builder(Path data) {
      this.data = data;
    }

    /** Tag freshness of the upstreams named after this. */
    public Builder tags(Duration refresh, TagsConfig.StaleIfError staleIfError) {
      tags = new TagsConfig(refresh, staleIfError, List.of());
      return this;
    }

    /** Time limits of the upstreams named after this. */
    public Builder timeouts(Duration connect, Duration response, Duration stall) {
      timeouts = new UpstreamConfig.Timeouts(connect, response, stall);
      return this;
    }

    /** Time that stands still until the test moves it. */
    public Builder clock(FakeClock clock) {
      this.clock = clock;
      this.uptime = clock;
      return this;
    }

    public Builder abandoned(Config.Abandoned abandoned) {
      this.abandoned = abandoned;
      return this;
    }

    /** How many blobs are fetched ahead at a time; without this, none. */
    public Builder prefetch(int blobs) {
      prefetch = blobs;
      return this;
    }

    /** Over how many connections a blob may come; without this, one. */
    public Builder connectionsPerBlob(int count) {
      connectionsPerBlob = count;
      return this;
    }

    public Builder grace(Duration grace) {
      this.grace = grace;
      return this;
    }

    /** The port of the shared listener: after a restart clients look for it where it was. */
    public Builder port(int port) {
      this.port = port;
      return this;
    }

    /** Where the shared listener is; without this, on loopback. */
    public Builder listen(String host) {
      this.host = host;
      return this;
    }

    /** Who may pull what; without this, everybody everything. */
    public Builder auth(Config.Auth auth) {
      this.auth = Optional.of(auth);
      return this;
    }

    /** Answers pulls in TLS. */
    public Builder tls(Config.Tls tls) {
      this.tls = Optional.of(tls);
      return this;
    }

    /** Answers clients that speak both in HTTP/2. */
    public Builder preferHttp2() {
      preferHttp2 = true;
      return this;
    }

    /** The file with the token of the admin listener. */
    public Builder adminToken(Path file) {
      adminToken = Optional.of(file);
      return this;
    }

    /** The port of the admin listener: after a restart pages look for it where it was. */
    public Builder adminPort(int port) {
      adminPort = port;
      return this;
    }

    /** Where the admin listener is; without this, on loopback. */
    public Builder adminListen(String host) {
      adminHost = host;
      return this;
    }

    /** An image that the configuration keeps. */
    public Builder pin(String pattern) {
      pins.add(ImagePattern.parse(pattern));
      return this;
    }

    /** How full the store and its file system may be; without this, as full as can be. */
    public Builder limits(Size maxSize, Size minFree) {
      this.maxSize = maxSize;
      this.minFree = minFree;
      return this;
    }

    /** How long images of the upstreams named after this stay without a pull; else for ever. */
    public Builder ttl(Duration ttl) {
      this.ttl = ttl;
      return this;
    }

    /** How stored bytes are verified again; without this, never. */
    public Builder scrub(Config.Scrub scrub) {
      this.scrub = scrub;
      return this;
    }

    /** Sends traces there, all that begin here; without this, none. */
    public Builder tracing(URI collector) {
      return tracing(collector, 1);
    }

    /** Sends traces there, and of those that begin here a part. */
    public Builder tracing(URI collector, double sampleRatio) {
      tracing =
          new Config.Tracing(Optional.of(collector), Optional.of(sampleRatio), Optional.empty());
      return this;
    }

    /** Writes there what became of each request; without this, nowhere. */
    public Builder accessLog(AccessLog accessLog) {
      this.accessLog = accessLog;
      return this;
    }

    public Builder defaultUpstream(String name) {
      defaultUpstream = Optional.of(name);
      return this;
    }

    /** An upstream at these URLs, in order. */
    public Builder upstream(String name, URI... urls) {
      return upstream(name, config -> config, urls);
    }

    /** An upstream at these URLs, changed by {@code change}. */
    public Builder upstream(String name, UnaryOperator<Upstream> change, URI... urls) {
      upstreams.put(
          name, change.apply(new Upstream(name, List.of(urls), tags, timeouts, ttl)).build());
      return this;
    }

    public WeirServer start() throws IOException {
      return new WeirServer(
          Weir.start(config(), clock, uptime, Map.of(), Preparation.begin(), accessLog));
    }

    /** What it would be started with. */
    public Config config() {
      return new Config(
          new Config.Registry(
              new Address(host, port), defaultUpstream, grace, tls, preferHttp2, auth),
          new Config.Admin(new Address(adminHost, adminPort), adminToken),
          new Config.Store(data, maxSize, minFree),
          new Config.Retention(ttl, 95, pins),
          scrub,
          new Config.Cache(abandoned, prefetch, connectionsPerBlob),
          tracing,
          tags,
          upstreams);
    }
  }

  /** One upstream's configuration, while it is put together. */
  public static final class Upstream {

    private final String name;
    private final List<URI> urls;
    private final TagsConfig tags;
    private final UpstreamConfig.Timeouts timeouts;
    private final Duration ttl;
    private final List<String> aliases = new ArrayList<>();
    private final List<String> hosts = new ArrayList<>();
    private final List<String> allow = new ArrayList<>();
    private final List<String> deny = new ArrayList<>();
    private Optional<Address> listen = Optional.empty();
    private Optional<UpstreamConfig.Credentials> credentials = Optional.empty();
    private boolean allowAnonymous;
    private UpstreamConfig.Tls tls = UpstreamConfig.Tls.DEFAULT;
    private int connections = 16;

    private Upstream(
        String name,
        List<URI> urls,
        TagsConfig tags,
        UpstreamConfig.Timeouts timeouts,
        Duration ttl) {
      this.ttl = ttl;
      this.name = name;
      this.urls = urls;
      this.tags = tags;
      this.timeouts = timeouts;
    }

    public Upstream alias(String alias) {
      aliases.add(alias);
      return this;
    }

    public Upstream host(String host) {
      hosts.add(host);
      return this;
    }

    public Upstream allow(String glob) {
      allow.add(glob);
      return this;
    }

    public Upstream deny(String glob) {
      deny.add(glob);
      return this;
    }

    /** A free port of its own. */
    public Upstream ownPort() {
      listen = Optional.of(new Address("127.0.0.1", 0));
      return this;
    }

    /** Who the server is there. Its clients stay anonymous. */
    public Upstream credentials(UpstreamConfig.Credentials credentials) {
      this.credentials = Optional.of(credentials);
      return this;
    }

    /** Lets anonymous clients read what the credentials can. */
    public Upstream allowAnonymous() {
      allowAnonymous = true;
      return this;
    }

    /** The certificate that it is trusted by. */
    public Upstream ca(Path certificate) {
      tls = new UpstreamConfig.Tls(certificate, null, null, false);
      return this;
    }

    /** How many requests may be under way there. */
    public Upstream connections(int count) {
      connections = count;
      return this;
    }

    private UpstreamConfig build() {
      return new UpstreamConfig(
          name,
          urls,
          aliases,
          hosts,
          listen,
          credentials,
          allowAnonymous,
          List.of(),
          tls,
          Optional.empty(),
          allow,
          deny,
          connections,
          timeouts,
          tags,
          new RetentionConfig(ttl, Optional.empty()));
    }
  }
}
