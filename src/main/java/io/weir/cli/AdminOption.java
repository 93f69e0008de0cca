package io.weir.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --admin} and {@code --token-file}, for each command that asks a running server. */
final class AdminOption {

  private static final String STANDARD = "http://127.0.0.1:5001";

  @Option(
      names = "--admin",
      paramLabel = "URL",
      description =
          "Where the server's admin listener is. Otherwise $WEIR_ADMIN, " + STANDARD + ".")
  private @Nullable String url;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "Holds the token, where the server has an admin.token-file. Otherwise $WEIR_TOKEN_FILE.")
  private @Nullable Path tokenFile;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /**
   * A client of the server that was named.
   *
   * @throws ParameterException where the URL is none
   * @throws IOException where the token cannot be read
   */
  AdminClient connect(Map<String, String> environment) throws IOException {
    String named =
        Optional.ofNullable(url).or(() -> variable("WEIR_ADMIN", environment)).orElse(STANDARD);
    Optional<Path> file =
        Optional.ofNullable(tokenFile)
            .or(() -> variable("WEIR_TOKEN_FILE", environment).map(Path::of));
    return new AdminClient(server(named), file.isEmpty() ? Optional.empty() : token(file.get()));
  }

  private static Optional<String> variable(String name, Map<String, String> environment) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  private URI server(String text) {
    try {
      URI server = URI.create(text.contains("://") ? text : "http://" + text);
      boolean isHttp = "http".equals(server.getScheme()) || "https".equals(server.getScheme());
      if (isHttp && server.getHost() != null && server.getRawPath().length() <= 1) {
        return server;
      }
    } catch (IllegalArgumentException _) {
      // refused below
    }
    throw new ParameterException(
        Objects.requireNonNull(command).commandLine(),
        "--admin has to be a URL such as %s (got %s)".formatted(STANDARD, text));
  }

  private static Optional<String> token(Path file) throws IOException {
    try {
      return Optional.of(Files.readString(file).strip());
    } catch (NoSuchFileException e) {
      throw new IOException("there is no token file " + file, e);
    } catch (IOException e) {
      throw new IOException("the token file %s cannot be read: %s".formatted(file, e), e);
    }
  }
}
