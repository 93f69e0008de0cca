package io.weir.config;

import io.weir.oci.ErrorCode;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One registry in front of which the server stands.
 *
 * @param name how requests and metrics name it
 * @param urls where it is, in order of preference; a path is the prefix of every repository there
 * @param aliases other first path segments that mean this upstream
 * @param hosts requests whose Host is one of these names mean this upstream
 * @param listen a port of its own
 * @param credentials who the server is at this upstream
 * @param allowAnonymous whether clients who did not say who they are may read through these
 *     credentials
 * @param tokenRealms hosts, beside its own, whose token service may be shown the credentials
 * @param tls how it is trusted
 * @param proxy the HTTP proxy to reach it by; without one the environment's HTTPS_PROXY, HTTP_PROXY
 *     and NO_PROXY count
 * @param allow repositories that may be pulled, as globs; empty allows all
 * @param deny repositories that may not be pulled; wins over {@code allow}
 * @param connections how many requests may be under way to it at the same time
 * @param timeouts time limits of one request
 * @param tags tag freshness
 * @param retention how long its images stay
 */
public record UpstreamConfig(
    String name,
    List<URI> urls,
    List<String> aliases,
    List<String> hosts,
    Optional<Address> listen,
    Optional<Credentials> credentials,
    boolean allowAnonymous,
    List<String> tokenRealms,
    Tls tls,
    Optional<URI> proxy,
    List<String> allow,
    List<String> deny,
    int connections,
    Timeouts timeouts,
    TagsConfig tags,
    RetentionConfig retention) {

  private static final String DOCKER_HUB_LIBRARY = "library/";

  public UpstreamConfig {
    urls = List.copyOf(urls);
    aliases = List.copyOf(aliases);
    hosts = List.copyOf(hosts);
    tokenRealms = List.copyOf(tokenRealms);
    allow = List.copyOf(allow);
    deny = List.copyOf(deny);
  }

  /**
   * Where the upstream's credentials come from. Read when they are needed, and again when a file
   * has changed or they are refused.
   */
  public sealed interface Credentials {

    /**
     * A name and a password.
     *
     * @param username as the registry knows it
     * @param password where the password stands
     */
    record Login(String username, SecretSource password) implements Credentials {}

    /**
     * What a Docker configuration knows of a registry: its {@code auths}, and the helpers that it
     * names.
     *
     * @param path a Docker {@code config.json} or a Kubernetes pull secret's {@code
     *     .dockerconfigjson}
     * @param refresh how long the answer of a helper is used
     */
    record DockerConfig(Path path, Duration refresh) implements Credentials {}

    /**
     * A program that speaks the protocol of Docker's credential helpers.
     *
     * @param command the program and its arguments, which may hold secrets
     * @param refresh how long its answer is used
     */
    record Exec(List<String> command, Duration refresh) implements Credentials {

      private static final Pattern HARMLESS = Pattern.compile("get|-[A-Za-z]|--[a-z][a-z-]*");

      public Exec {
        command = List.copyOf(command);
      }

      /** The program, as it was written. */
      public String program() {
        return command.getFirst();
      }

      /** The command as it may be shown: of the arguments only {@code get} and names of options. */
      public List<String> shown() {
        return IntStream.range(0, command.size())
            .mapToObj(i -> i == 0 ? program() : shown(command.get(i)))
            .toList();
      }

      private static String shown(String argument) {
        int equals = argument.indexOf('=');
        String option = equals < 0 ? argument : argument.substring(0, equals);
        if (!HARMLESS.matcher(option).matches()) {
          return "***";
        }
        return equals < 0 ? option : option + "=***";
      }

      @Override
      public String toString() {
        return "Exec[command=%s, refresh=%s]".formatted(shown(), refresh);
      }
    }
  }

  /** Where a secret stands; never the secret itself. */
  public sealed interface SecretSource {

    /**
     * A file.
     *
     * @param path a file whose content, without a line end, is the secret
     */
    record InFile(Path path) implements SecretSource {}

    /**
     * An environment variable.
     *
     * @param variable an environment variable
     */
    record InEnvironment(String variable) implements SecretSource {}
  }

  /**
   * How the connection to the upstream is trusted.
   *
   * @param ca a PEM file of certificates to trust beside none other; null trusts the JDK's
   * @param clientCert a PEM file with the server's own certificate chain
   * @param clientKey the key of {@code clientCert}, PEM, PKCS #8
   * @param insecureSkipVerify whether any certificate is taken
   */
  public record Tls(
      @Nullable Path ca,
      @Nullable Path clientCert,
      @Nullable Path clientKey,
      boolean insecureSkipVerify) {
    public static final Tls DEFAULT = new Tls(null, null, null, false);
  }

  /**
   * Time limits.
   *
   * @param connect for name lookup, TCP and TLS
   * @param response from the request's end to the first byte of the answer's head
   * @param stall between two pieces of the body
   */
  public record Timeouts(Duration connect, Duration response, Duration stall) {
    public static final Timeouts DEFAULT =
        new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(30));
  }

  /**
   * A registry as image references name it.
   *
   * @param reference {@code HOST}, {@code HOST:PORT}, or either with the beginning of repository
   *     names behind a slash
   * @param registry where who goes around the server finds it, without a path
   */
  public record Source(String reference, URI registry) {

    private static Source of(URI url) {
      String host = WellKnownUpstreams.inReferences(url.getRawAuthority());
      return new Source(host + url.getRawPath(), origin(url));
    }

    private static URI origin(URI url) {
      return URI.create(url.getScheme() + "://" + url.getRawAuthority());
    }
  }

  /**
   * Which images are this upstream's, without a word about the server in their references. A name
   * that is a host says so itself; otherwise the URLs do.
   */
  public List<Source> sources() {
    if (!WellKnownUpstreams.isHost(name)) {
      return urls.stream().map(Source::of).distinct().toList();
    }
    URI registry =
        urls.stream()
            .filter(url -> url.getRawAuthority().equals(name))
            .findFirst()
            .or(() -> WellKnownUpstreams.url(name))
            .orElseGet(() -> URI.create("https://" + name));
    return List.of(new Source(name, Source.origin(registry)));
  }

  /**
   * A repository of this upstream, as clients name it: on docker.io one component is an official
   * image, below {@code library/}.
   *
   * @throws OciException {@code NAME_INVALID} where it is no name, {@code DENIED} where the
   *     configuration does not let it be pulled
   */
  public Origin origin(String clientName) {
    boolean isOfficial = name.equals(WellKnownUpstreams.DOCKER_IO) && clientName.indexOf('/') < 0;
    Repository repository =
        Repository.parse(isOfficial ? DOCKER_HUB_LIBRARY + clientName : clientName);
    if (!serves(repository)) {
      throw new OciException(
          ErrorCode.DENIED,
          "the configuration does not let %s be pulled from %s".formatted(clientName, name));
    }
    return new Origin(name, repository);
  }

  /** Whether the configuration lets {@code repository} be pulled. */
  public boolean serves(Repository repository) {
    return !matchesAny(deny, repository) && (allow.isEmpty() || matchesAny(allow, repository));
  }

  private static boolean matchesAny(List<String> globs, Repository repository) {
    return globs.stream().anyMatch(glob -> RepositoryGlob.parse(glob).matches(repository));
  }
}
