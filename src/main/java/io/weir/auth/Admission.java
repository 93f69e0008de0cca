package io.weir.auth;

import io.weir.config.Config;
import io.weir.config.ConfigException;
import io.weir.config.UpstreamConfig;
import io.weir.watch.FileWatch;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who is let in, and what they may pull, by one configuration.
 *
 * <p>A certificate or a password, whichever a client has, says who it is; a client with neither is
 * anonymous. What an anonymous one may pull, every user may. An anonymous one gets nothing through
 * the credentials of an upstream, whatever it may pull otherwise, unless that upstream or a
 * loopback address lets it. Thread-safe.
 */
public final class Admission implements AutoCloseable {

  /**
   * What containers/image sends when it is asked for a login and has none: neither user nor
   * password.
   */
  private static final String NOBODY = "Basic Og==";

  private final boolean isOpen;
  private final boolean knowsCertificates;
  private final @Nullable HtpasswdFile passwords;
  private final Map<String, Rights> rights = new HashMap<>();
  private final Rights others;
  private final Entry anonymous;
  private final Entry anonymousNear;
  private final Logins logins;

  /**
   * Reads what the configuration says.
   *
   * @param watch tells when the htpasswd file has changed
   * @throws ConfigException where the htpasswd file cannot be used
   */
  public Admission(Config config, Logins logins, FileWatch watch) {
    Optional<Config.Auth> auth = config.registry().auth();
    Map<String, Config.Allowed> users = auth.map(Config.Auth::users).orElse(Map.of());
    this.isOpen = !config.registry().identifiesClients();
    this.knowsCertificates = config.registry().tls().flatMap(Config.Tls::clientCa).isPresent();
    this.passwords =
        auth.flatMap(Config.Auth::htpasswd).map(file -> new HtpasswdFile(file, watch)).orElse(null);
    Rights near = auth.flatMap(Config.Auth::anonymous).map(Rights::of).orElse(Rights.NONE);
    Rights far = without(closedUpstreams(config), near);
    this.anonymousNear = anonymous(near);
    this.anonymous = anonymous(far);
    users.forEach((user, allowed) -> rights.put(user, Rights.of(allowed).or(far)));
    this.others = users.isEmpty() ? Rights.ALL : rights.getOrDefault(Config.Auth.OTHERS, far);
    this.logins = logins;
  }

  /**
   * Whether there could be such an admission, as far as its file tells.
   *
   * @throws ConfigException where the htpasswd file cannot be used
   */
  public static void check(Config config) {
    config
        .registry()
        .auth()
        .flatMap(Config.Auth::htpasswd)
        .ifPresent(file -> {
          Htpasswd _ = Htpasswd.read(file);
        });
  }

  private static Rights without(Set<String> closed, Rights rights) {
    return closed.isEmpty() || rights.equals(Rights.NONE)
        ? rights
        : origin -> !closed.contains(origin.upstream()) && rights.mayPull(origin);
  }

  private static Entry anonymous(Rights rights) {
    return rights.equals(Rights.NONE)
        ? new Entry.Refused("log in first")
        : new Entry.Admitted(new Caller("", rights));
  }

  /** What strangers could read that only the owner of the credentials may. */
  private static Set<String> closedUpstreams(Config config) {
    return config.upstreams().values().stream()
        .filter(upstream -> upstream.credentials().isPresent() && !upstream.allowAnonymous())
        .map(UpstreamConfig::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether nobody is asked who it is, and everybody may pull everything. */
  public boolean isOpen() {
    return isOpen;
  }

  /**
   * Who it is that sends a request, where that is asked, that is, not {@link #isOpen}.
   *
   * @param certificate the user whom a verified certificate names, or null
   * @param authorization the header's value, or null
   * @param isNear whether the request came to a loopback address
   */
  public Entry enter(
      @Nullable String certificate,
      @Nullable String authorization,
      InetAddress client,
      boolean isNear) {
    if (certificate != null && knowsCertificates) {
      return new Entry.Admitted(caller(certificate));
    }
    HtpasswdFile file = passwords;
    if (authorization == null || authorization.equals(NOBODY) || file == null) {
      return isNear ? anonymousNear : anonymous;
    }
    return logins.enter(authorization, client, file.content(), this::caller);
  }

  private Caller caller(String user) {
    return new Caller(user, rights.getOrDefault(user, others));
  }

  /** Whether the caller could say who it is, and perhaps pull more then. */
  public boolean mayLogIn(Caller caller) {
    return passwords != null && caller.isAnonymous() && !caller.rights().equals(Rights.ALL);
  }

  /** The file of users is watched no longer. Who is being let in is let in. */
  @Override
  public void close() {
    if (passwords != null) {
      passwords.close();
    }
  }
}
