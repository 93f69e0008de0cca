package io.weir.upstream;

import io.weir.config.UpstreamConfig;
import io.weir.config.UpstreamConfig.Credentials;
import io.weir.oci.Repository;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where an upstream's credentials come from. Nothing is read or run before the first request that
 * needs it. Thread-safe; the methods may block.
 */
sealed interface CredentialSource
    permits NoCredentials, PasswordSource, DockerConfigSource, ExecSource {

  /**
   * The source that the configuration names.
   *
   * @param environment for secrets that stand there, and for the programs that are run
   */
  static CredentialSource of(
      UpstreamConfig config, InstantSource clock, Map<String, String> environment) {
    Helpers helpers = new Helpers(config.name(), clock, environment);
    return switch (config.credentials().orElse(null)) {
      case null -> new NoCredentials();
      case Credentials.Login login -> new PasswordSource(config.name(), login, clock, environment);
      case Credentials.DockerConfig docker ->
          new DockerConfigSource(config.name(), docker, clock, helpers);
      case Credentials.Exec exec -> new ExecSource(exec, helpers);
    };
  }

  /** Whether there are any. */
  default boolean isConfigured() {
    return true;
  }

  /**
   * The credentials for a repository, or for the endpoint itself where that is null; {@link
   * Credential#ANONYMOUS} where there are none.
   *
   * @throws UpstreamException {@code DENIED} where they are configured and cannot be had
   */
  Credential find(Endpoint endpoint, @Nullable Repository repository, Deadline deadline);

  /**
   * Looks for other credentials after some were refused: reads a file, runs a helper again if that
   * was not done just now.
   *
   * @param refused what {@link #find} gave for the same endpoint and repository
   * @return whether it gives something else now, because of this call or of another before
   * @throws UpstreamException as {@link #find}
   */
  boolean renew(
      Endpoint endpoint, @Nullable Repository repository, Credential refused, Deadline deadline);

  /** What was used last, but never the secret; empty where nothing is configured. */
  Optional<CredentialStatus> status();

  /** The failure of a request for which there are no credentials although there should be. */
  static UpstreamException unusable(String upstream, String why) {
    return new UpstreamException(
        UpstreamException.Kind.DENIED, "%s: no credentials: %s".formatted(upstream, why));
  }
}
