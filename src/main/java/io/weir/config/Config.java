package io.weir.config;

import io.weir.oci.ImagePattern;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The effective configuration of one server.
 *
 * @param registry the listener that answers pulls
 * @param admin the listener for operators
 * @param store where bytes are kept, and how many
 * @param retention what stays in the store
 * @param scrub how stored bytes are verified again
 * @param cache how fetches behave
 * @param tracing where traces go
 * @param tags tag freshness for upstreams that say nothing else
 * @param upstreams the registries in front of which this server stands, by name, in the order of
 *     the file
 */
public record Config(
    Registry registry,
    Admin admin,
    Store store,
    Retention retention,
    Scrub scrub,
    Cache cache,
    Tracing tracing,
    TagsConfig tags,
    Map<String, UpstreamConfig> upstreams) {

  public Config {
    upstreams = Collections.unmodifiableMap(new LinkedHashMap<>(upstreams));
  }

  /** The upstream that is called so: by its name, or an alias. */
  public Optional<UpstreamConfig> upstream(String nameOrAlias) {
    return Optional.ofNullable(upstreams.get(nameOrAlias))
        .or(() ->
            upstreams.values().stream()
                .filter(upstream -> upstream.aliases().contains(nameOrAlias))
                .findFirst());
  }

  /**
   * The listener that answers pulls.
   *
   * @param listen the address that all upstreams share
   * @param defaultUpstream the upstream of a request that names none; empty refuses such requests
   * @param shutdownGrace how long running transfers may go on after SIGTERM
   * @param tls what clients are shown; empty answers without TLS
   * @param preferHttp2 whether a client that speaks both is answered in HTTP/2
   * @param auth who may pull what; empty lets everybody pull everything, or with {@code client-ca}
   *     everybody who has a certificate
   */
  public record Registry(
      Address listen,
      Optional<String> defaultUpstream,
      Duration shutdownGrace,
      Optional<Tls> tls,
      boolean preferHttp2,
      Optional<Auth> auth) {

    /** Whether it is known of a client who it is, unless it comes as an anonymous one. */
    public boolean identifiesClients() {
      return auth.isPresent() || tls.flatMap(Tls::clientCa).isPresent();
    }

    /** Whether a client may do without a certificate, because it may log in or be anonymous. */
    public boolean letsInWithoutCertificate() {
      return auth.filter(a -> a.htpasswd().isPresent() || a.anonymous().isPresent()).isPresent();
    }
  }

  /**
   * Who may pull what.
   *
   * @param htpasswd a file of users and the bcrypt hashes of their passwords; read at the start,
   *     and again when it has changed
   * @param anonymous what clients may pull that do not say who they are; empty is nothing
   * @param users what users may pull, by name; {@link #OTHERS} is every user that is not named.
   *     With no entry at all every user may pull everything
   */
  public record Auth(
      Optional<Path> htpasswd, Optional<Allowed> anonymous, Map<String, Allowed> users) {

    /** The name that stands for all users that have no entry. */
    public static final String OTHERS = "*";

    public Auth {
      users = Collections.unmodifiableMap(new LinkedHashMap<>(users));
    }
  }

  /**
   * What somebody may pull.
   *
   * @param allow patterns of repositories, without tag and digest; one at least
   */
  public record Allowed(List<ImagePattern> allow) {
    public Allowed {
      allow = List.copyOf(allow);
    }
  }

  /**
   * Who the server is to its clients. The files are read at the start, on SIGHUP, and when they
   * have changed.
   *
   * @param cert a PEM file with the certificate chain, the server's own first
   * @param key the private key of the first certificate, PEM
   * @param clientCa a PEM file of certificates; only clients whose certificate one of them signed
   *     are let in
   */
  public record Tls(Path cert, Path key, Optional<Path> clientCa) {}

  /**
   * The listener for operators.
   *
   * @param listen the address of health, metrics and API
   * @param tokenFile a file whose content, without a line end, is the bearer token of the API; off
   *     loopback nobody gets in without one
   */
  public record Admin(Address listen, Optional<Path> tokenFile) {}

  /**
   * Where bytes are kept, and how many. Parts are of the file system that holds the store.
   *
   * @param path the folder of the store
   * @param maxSize the most that the store may take, more than nothing
   * @param minFree what stays free of the file system, whoever fills it; less than all of it
   */
  public record Store(Path path, Size maxSize, Size minFree) {}

  /**
   * What stays in the store.
   *
   * @param ttl how long after its last pull an image stays; zero is for ever
   * @param lowWaterPercent when a limit is reached, the part of it to which eviction goes down; 50
   *     to 100
   * @param pins images that stay whatever happens
   */
  public record Retention(Duration ttl, int lowWaterPercent, List<ImagePattern> pins) {
    public Retention {
      pins = List.copyOf(pins);
    }
  }

  /**
   * How stored bytes are verified again.
   *
   * @param interval how long one pass over the whole store may take to come round again; zero is
   *     never
   * @param bytesPerSecond the most that is read for it, 1 or more
   * @param verifyOnRead whether bytes are also verified when they are served
   */
  public record Scrub(Duration interval, long bytesPerSecond, boolean verifyOnRead) {}

  /**
   * How fetches behave.
   *
   * @param abandoned what becomes of a fetch that every client has left
   * @param prefetch how many blobs of one upstream are fetched ahead of their requests at the same
   *     time; 0 fetches none ahead
   * @param connectionsPerBlob over how many connections one blob may come at the same time, 1 or
   *     more
   */
  public record Cache(Abandoned abandoned, int prefetch, int connectionsPerBlob) {}

  /**
   * Where traces go. For what is empty the environment is asked.
   *
   * @param endpoint the URL of an OpenTelemetry collector, without a slash at its end
   * @param sampleRatio the part of the traces that begin here, from 0 to 1
   * @param serviceName what this server is called in them
   */
  public record Tracing(
      Optional<URI> endpoint, Optional<Double> sampleRatio, Optional<String> serviceName) {

    /** What holds where nothing is said. */
    public static final Tracing DEFAULT =
        new Tracing(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** What becomes of a fetch that every client has left. */
  public enum Abandoned {
    FINISH,
    STOP
  }
}
