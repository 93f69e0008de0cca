package io.weir.clients;

import io.weir.config.Address;
import io.weir.config.Config;
import io.weir.config.Suggestions;
import io.weir.config.UpstreamConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Derives from the configuration how clients see the server. The only place that knows which
 * sources lead to which upstream, at which address.
 */
final class MirrorAssembler {

  private final Config config;
  private final Wishes wishes;
  private final Optional<Wished> wished;
  private final List<String> notes = new ArrayList<>();

  /** The host of the command line, and whether a port stands there too. */
  private record Wished(Address address, boolean namesPort) {

    static Wished of(String text, int standardPort) {
      Optional<Address> complete = parse(text);
      return complete
          .or(() -> parse(text + ":" + standardPort))
          .filter(address -> !address.isWildcard())
          .map(address -> new Wished(address, complete.isPresent()))
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "--host: expected HOST or HOST:PORT without a scheme (got \"" + text + "\")"));
    }

    private static Optional<Address> parse(String text) {
      try {
        return Optional.of(Address.parse(text));
      } catch (IllegalArgumentException _) {
        return Optional.empty();
      }
    }
  }

  MirrorAssembler(Config config, Wishes wishes) {
    this.config = config;
    this.wishes = wishes;
    this.wished = wishes.host().map(host -> Wished.of(host, config.registry().listen().port()));
  }

  Mirror assemble() {
    wished.map(Wished::address).ifPresent(this::checkHost);
    List<Route> routes = routes();
    boolean https = config.registry().tls().isPresent();
    noteTrust(https);
    noteReach(routes);
    return new Mirror(
        https,
        routes,
        https ? wishes.ca() : Optional.empty(),
        wishes.onlyMirror(),
        needsLogin(),
        needsClientCertificate(),
        notes);
  }

  private boolean needsLogin() {
    return config
        .registry()
        .auth()
        .filter(auth -> auth.htpasswd().isPresent() && auth.anonymous().isEmpty())
        .isPresent();
  }

  private boolean needsClientCertificate() {
    return config.registry().tls().flatMap(Config.Tls::clientCa).isPresent()
        && !config.registry().letsInWithoutCertificate();
  }

  /** A request whose Host belongs to an upstream means that upstream, whatever its path says. */
  private void checkHost(Address address) {
    String host = address.host().toLowerCase(Locale.ROOT);
    for (UpstreamConfig upstream : config.upstreams().values()) {
      if (upstream.hosts().contains(host)) {
        throw new IllegalArgumentException(
            "--host: expected a name of the whole cache (got %s, which upstreams.%s.hosts gives to one upstream)"
                .formatted(address.host(), upstream.name()));
      }
    }
  }

  private List<Route> routes() {
    List<UpstreamConfig> chosen = chosen();
    Map<String, UpstreamConfig> owners = owners();
    List<Route> routes = new ArrayList<>();
    for (UpstreamConfig upstream : chosen) {
      for (UpstreamConfig.Source source : upstream.sources()) {
        UpstreamConfig owner = owners.getOrDefault(source.reference(), upstream);
        if (owner.equals(upstream)) {
          routes.add(route(upstream, source));
        } else {
          notes.add(
              "Images of %s come from the upstream %s; those of %s are at %s/REPOSITORY."
                  .formatted(
                      source.reference(),
                      owner.name(),
                      upstream.name(),
                      route(upstream, source).location()));
        }
      }
    }
    if (routes.isEmpty()) {
      throw new IllegalArgumentException(
          "--upstream: expected an upstream that image references can name. "
              + String.join(" ", notes));
    }
    return routes;
  }

  private List<UpstreamConfig> chosen() {
    if (wishes.upstreams().isEmpty()) {
      return List.copyOf(config.upstreams().values());
    }
    return wishes.upstreams().stream().distinct().map(this::upstream).toList();
  }

  private UpstreamConfig upstream(String name) {
    UpstreamConfig upstream = config.upstreams().get(name);
    if (upstream == null) {
      throw new IllegalArgumentException(
          "--upstream: no upstream \"%s\" is configured%s"
              .formatted(name, Suggestions.didYouMean(name, config.upstreams().keySet())));
    }
    return upstream;
  }

  /** Which upstream each source means at the server: its name before its URLs, as in requests. */
  private Map<String, UpstreamConfig> owners() {
    Map<String, UpstreamConfig> owners = new LinkedHashMap<>();
    for (UpstreamConfig upstream : config.upstreams().values()) {
      owners.put(upstream.name(), upstream);
      upstream.aliases().forEach(alias -> owners.put(alias, upstream));
    }
    for (UpstreamConfig upstream : config.upstreams().values()) {
      upstream.sources().forEach(source -> owners.putIfAbsent(source.reference(), upstream));
    }
    return owners;
  }

  private Route route(UpstreamConfig upstream, UpstreamConfig.Source source) {
    Optional<String> own = ownAuthority(upstream);
    String authority = own.orElseGet(() -> shared().toString());
    return new Route(
        upstream.name(),
        source.reference(),
        source.registry(),
        authority,
        own.isPresent() ? "" : segment(upstream),
        own.or(() -> sharedRoot(upstream)),
        upstream.aliases());
  }

  /**
   * The upstream's own listener, if clients are to use it. A port that the user named is where
   * clients come in, to whatever is behind it; and a listener on loopback is for this machine.
   */
  private Optional<String> ownAuthority(UpstreamConfig upstream) {
    if (wished.filter(Wished::namesPort).isPresent()) {
      return Optional.empty();
    }
    Address shared = config.registry().listen();
    return upstream
        .listen()
        .filter(own -> own.port() != 0 && (!own.isLoopback() || shared.isLoopback()))
        .map(own -> new Address(host(own), own.port()).toString());
  }

  private Optional<String> sharedRoot(UpstreamConfig upstream) {
    if (config.registry().defaultUpstream().filter(upstream.name()::equals).isPresent()) {
      return Optional.of(shared().toString());
    }
    int port = shared().port();
    return upstream.hosts().stream().findFirst().map(host -> new Address(host, port).toString());
  }

  /** Where all upstreams are. */
  private Address shared() {
    Address listener = config.registry().listen();
    Address reached =
        wished.map(Wished::address).orElseGet(() -> new Address(host(listener), listener.port()));
    if (reached.port() == 0) {
      throw new IllegalArgumentException(
          "--host: expected HOST:PORT, because registry.listen leaves the port to the system");
    }
    return reached;
  }

  /** See {@link Mirror#hostOf}. */
  static Optional<String> hostOf(Address listener, String machineName) {
    return Optional.of(listener.isWildcard() ? machineName : listener.host())
        .filter(host -> !new Address(host, listener.port()).isLoopback());
  }

  private String host(Address listener) {
    return wished
        .map(asked -> asked.address().host())
        .orElseGet(() -> listener.isWildcard() ? wishes.machineName() : listener.host());
  }

  private static String segment(UpstreamConfig upstream) {
    // A name with a port has an alias: the configuration sees to that.
    return upstream.name().indexOf(':') < 0 ? upstream.name() : upstream.aliases().getFirst();
  }

  private void noteTrust(boolean https) {
    if (https && wishes.ca().isEmpty()) {
      notes.add(
          "The server speaks TLS and no CA was given: right if nodes trust already whoever signed"
              + " registry.tls.cert.");
    }
    if (!https && wishes.ca().isPresent()) {
      notes.add("The CA is not used: registry.tls is not configured, so the server speaks HTTP.");
    }
  }

  private void noteReach(List<Route> routes) {
    boolean onLoopback =
        routes.stream().map(Route::authority).map(Address::parse).anyMatch(Address::isLoopback);
    if (onLoopback) {
      notes.add(
          "The address is this machine's loopback, which no other node can reach: give a host that"
              + " nodes know.");
    } else if (wishes.host().isEmpty()) {
      notes.add(
          "Nodes are told to find the server at %s: if they know it by another name, give that as the host."
              .formatted(routes.getFirst().authority()));
    }
  }
}
