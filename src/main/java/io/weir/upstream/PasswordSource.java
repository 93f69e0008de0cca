package io.weir.upstream;

import io.weir.config.UpstreamConfig.Credentials;
import io.weir.config.UpstreamConfig.SecretSource;
import io.weir.oci.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A name in the configuration, and a password in a file or in the environment. */
final class PasswordSource implements CredentialSource {

  private final String upstream;
  private final Credentials.Login login;
  private final Map<String, String> environment;
  private final @Nullable WatchedFile<String> file;

  PasswordSource(
      String upstream,
      Credentials.Login login,
      InstantSource clock,
      Map<String, String> environment) {
    this.upstream = upstream;
    this.login = login;
    this.environment = Map.copyOf(environment);
    this.file =
        login.password() instanceof SecretSource.InFile inFile
            ? new WatchedFile<>(upstream, inFile.path(), PasswordSource::password, clock)
            : null;
  }

  /** An empty one is a file that is just being written. */
  private static String password(byte[] content) throws IOException {
    String password = new String(content, StandardCharsets.UTF_8).replaceFirst("[\\r\\n]+$", "");
    if (password.isEmpty()) {
      throw new IOException("it is empty");
    }
    return password;
  }

  @Override
  public Credential find(Endpoint endpoint, @Nullable Repository repository, Deadline deadline) {
    return find();
  }

  private Credential find() {
    return Credential.login(login.username(), secret());
  }

  private String secret() {
    return switch (login.password()) {
      case SecretSource.InEnvironment(String variable) -> {
        String value = environment.get(variable);
        if (value == null) {
          throw CredentialSource.unusable(
              upstream, "the environment variable " + variable + " is not set");
        }
        yield value;
      }
      case SecretSource.InFile _ -> file().read().value();
    };
  }

  private WatchedFile<String> file() {
    if (file == null) {
      throw new IllegalStateException("the password is in no file");
    }
    return file;
  }

  @Override
  public boolean renew(
      Endpoint endpoint, @Nullable Repository repository, Credential refused, Deadline deadline) {
    if (file == null) {
      return false;
    }
    file.reread();
    return !find().equals(refused);
  }

  @Override
  public Optional<CredentialStatus> status() {
    String source =
        switch (login.password()) {
          case SecretSource.InEnvironment(String variable) -> "password-env " + variable;
          case SecretSource.InFile inFile -> "password-file " + inFile.path();
        };
    Optional<Instant> since = file == null ? Optional.empty() : file.since();
    Optional<CredentialStatus.Failure> failure = file == null ? Optional.empty() : file.failure();
    return Optional.of(
        new CredentialStatus(
            source, Optional.of(login.username()), since, Optional.empty(), failure));
  }
}
