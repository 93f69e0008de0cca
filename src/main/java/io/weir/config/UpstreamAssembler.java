package io.weir.config;

import io.weir.config.Entry.Leaf;
import io.weir.config.UpstreamConfig.Credentials;
import io.weir.config.UpstreamConfig.SecretSource;
import io.weir.config.UpstreamConfig.Timeouts;
import io.weir.config.UpstreamConfig.Tls;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds one upstream from what was read, and checks that its keys go together. */
final class UpstreamAssembler {

  private final Problems problems;

  UpstreamAssembler(Problems problems) {
    this.problems = problems;
  }

  /**
   * The upstream. It means something only if there are no problems now.
   *
   * @param tags its tag freshness, complete
   * @param retention how long its images stay, complete
   */
  UpstreamConfig upstream(String name, Values values, TagsConfig tags, RetentionConfig retention) {
    return new UpstreamConfig(
        name,
        urls(name, values),
        joined(WellKnownUpstreams.aliases(name), values, ConfigSchema.ALIASES),
        values.orStandard(ConfigSchema.HOSTS).stream().distinct().toList(),
        values.get(ConfigSchema.LISTEN),
        credentials(values),
        values.orStandard(ConfigSchema.ALLOW_ANONYMOUS),
        joined(WellKnownUpstreams.tokenRealms(name), values, ConfigSchema.TOKEN_REALMS),
        tls(values.group(ConfigSchema.UPSTREAM_TLS)),
        values.get(ConfigSchema.PROXY),
        values.get(ConfigSchema.ALLOW).orElse(List.of()),
        values.orStandard(ConfigSchema.DENY),
        values.orStandard(ConfigSchema.CONNECTIONS),
        timeouts(values.group(ConfigSchema.TIMEOUTS)),
        tags,
        retention);
  }

  private static List<String> joined(
      List<String> wellKnown, Values values, Leaf<?, List<String>> key) {
    return Stream.concat(wellKnown.stream(), values.get(key).orElse(List.of()).stream())
        .distinct()
        .toList();
  }

  private List<URI> urls(String name, Values values) {
    if (values.mentions(ConfigSchema.URL) && values.mentions(ConfigSchema.URLS)) {
      refuse(values, ConfigSchema.URLS, "expected either url or urls, not both");
    }
    List<URI> given =
        values
            .get(ConfigSchema.URLS)
            .or(() -> values.get(ConfigSchema.URL).map(List::of))
            .orElse(List.of());
    if (!given.isEmpty()
        || values.mistakes(ConfigSchema.URL)
        || values.mistakes(ConfigSchema.URLS)) {
      return given;
    }
    if (values.mentions(ConfigSchema.URLS)) {
      refuse(values, ConfigSchema.URLS, "expected at least one URL (got an empty list)");
      return given;
    }
    Optional<URI> wellKnown = WellKnownUpstreams.url(name);
    if (wellKnown.isEmpty()) {
      refuse(
          values,
          ConfigSchema.URL,
          "expected "
              + Types.REGISTRY_URL.expected()
              + ", because the name is not a host (got nothing)");
    }
    return wellKnown.stream().toList();
  }

  private Optional<Credentials> credentials(Values upstream) {
    if (!upstream.mentions(ConfigSchema.CREDENTIALS)
        || upstream.mistakes(ConfigSchema.CREDENTIALS)) {
      return Optional.empty();
    }
    Values values = upstream.group(ConfigSchema.CREDENTIALS);
    boolean user = values.mentions(ConfigSchema.USERNAME);
    boolean file = values.mentions(ConfigSchema.PASSWORD_FILE);
    boolean variable = values.mentions(ConfigSchema.PASSWORD_ENV);
    boolean docker = values.mentions(ConfigSchema.DOCKER_CONFIG);
    boolean exec = values.mentions(ConfigSchema.EXEC);
    if (docker && exec) {
      refuse(values, ConfigSchema.EXEC, "expected either exec or docker-config, not both");
    } else if ((docker || exec) && (user || file || variable)) {
      Entry<?> other = docker ? ConfigSchema.DOCKER_CONFIG : ConfigSchema.EXEC;
      refuse(
          values,
          other,
          "expected either " + other.name() + " or a username and its password, not both");
    } else if (file && variable) {
      refuse(
          values,
          ConfigSchema.PASSWORD_ENV,
          "expected either password-file or password-env, not both");
    } else if (!docker && !exec) {
      checkLogin(values, user, file || variable);
    }
    Optional<Credentials> dockerConfig =
        values
            .get(ConfigSchema.DOCKER_CONFIG)
            .map(path -> new Credentials.DockerConfig(path, refresh(values)));
    return dockerConfig.or(() -> exec(values)).or(() -> login(values));
  }

  private void checkLogin(Values values, boolean user, boolean password) {
    if (!user && !password) {
      problems.add(
          values.place(),
          values.path(),
          "expected username and password-file or password-env, or docker-config, or exec (got"
              + " nothing)");
    } else if (!user) {
      refuse(values, ConfigSchema.USERNAME, "expected the user of the password (got nothing)");
    } else if (!password) {
      refuse(
          values,
          ConfigSchema.USERNAME,
          "expected password-file or password-env beside it (got neither)");
    } else if (values.mentions(ConfigSchema.CREDENTIALS_REFRESH)) {
      refuse(
          values,
          ConfigSchema.CREDENTIALS_REFRESH,
          "expected exec or docker-config beside it: a password's file is read when it changes");
    }
  }

  private static Duration refresh(Values values) {
    return values.orStandard(ConfigSchema.CREDENTIALS_REFRESH);
  }

  private Optional<Credentials> exec(Values values) {
    Optional<List<String>> command = values.get(ConfigSchema.EXEC);
    if (command.isPresent() && command.get().isEmpty()) {
      refuse(
          values,
          ConfigSchema.EXEC,
          "expected a program and its arguments, such as [docker-credential-ecr-login, get] (got"
              + " an empty list)");
    }
    return command
        .filter(words -> !words.isEmpty())
        .map(words -> new Credentials.Exec(words, refresh(values)));
  }

  private static Optional<Credentials> login(Values values) {
    Optional<SecretSource> inFile =
        values.get(ConfigSchema.PASSWORD_FILE).map(SecretSource.InFile::new);
    Optional<SecretSource> password =
        inFile.or(() -> values.get(ConfigSchema.PASSWORD_ENV).map(SecretSource.InEnvironment::new));
    return values
        .get(ConfigSchema.USERNAME)
        .flatMap(user -> password.map(secret -> new Credentials.Login(user, secret)));
  }

  private Tls tls(Values values) {
    boolean certificate = values.mentions(ConfigSchema.TLS_CLIENT_CERT);
    boolean key = values.mentions(ConfigSchema.TLS_CLIENT_KEY);
    if (certificate && !key) {
      refuse(values, ConfigSchema.TLS_CLIENT_CERT, "expected client-key beside it (got nothing)");
    }
    if (key && !certificate) {
      refuse(values, ConfigSchema.TLS_CLIENT_KEY, "expected client-cert beside it (got nothing)");
    }
    return new Tls(
        path(values, ConfigSchema.TLS_CA),
        path(values, ConfigSchema.TLS_CLIENT_CERT),
        path(values, ConfigSchema.TLS_CLIENT_KEY),
        values.orStandard(ConfigSchema.TLS_INSECURE_SKIP_VERIFY));
  }

  private static @Nullable Path path(Values values, Leaf<Tls, Path> key) {
    return values.get(key).orElse(null);
  }

  private static Timeouts timeouts(Values values) {
    return new Timeouts(
        values.orStandard(ConfigSchema.TIMEOUT_CONNECT),
        values.orStandard(ConfigSchema.TIMEOUT_RESPONSE),
        values.orStandard(ConfigSchema.TIMEOUT_STALL));
  }

  private void refuse(Values values, Entry<?> key, String message) {
    problems.add(values.placeOf(key), values.below(key), message);
  }
}
