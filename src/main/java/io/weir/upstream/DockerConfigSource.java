package io.weir.upstream;

import io.weir.config.UpstreamConfig.Credentials;
import io.weir.oci.Repository;
import io.weir.upstream.DockerConfig.Place;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Docker configuration: the helper that it names for the registry ({@code credHelpers}), or else
 * the entry in {@code auths} that is nearest to the repository, or else {@code credsStore}.
 *
 * <p>Docker asks {@code credsStore} and not {@code auths} where there are both, because it writes
 * what it knows into only one of them. Here the file may come from a desktop whose keychain is not
 * on this machine, and what stands in it is enough.
 */
final class DockerConfigSource implements CredentialSource {

  /** The name becomes part of a program's name, and must not lead to another folder. */
  private static final Pattern HELPER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  private final String upstream;
  private final Path path;
  private final Duration refresh;
  private final Helpers helpers;
  private final WatchedFile<DockerConfig> file;
  private volatile @Nullable Used last;

  /**
   * What was used.
   *
   * @param kept what a helper gave, or null where the file alone decided
   */
  private record Used(String place, Optional<String> username, @Nullable KeptCredential kept) {}

  DockerConfigSource(
      String upstream, Credentials.DockerConfig config, InstantSource clock, Helpers helpers) {
    this.upstream = upstream;
    this.path = config.path();
    this.refresh = config.refresh();
    this.helpers = helpers;
    this.file = new WatchedFile<>(upstream, path, DockerConfig::parse, clock);
  }

  @Override
  public Credential find(Endpoint endpoint, @Nullable Repository repository, Deadline deadline) {
    return switch (file.read().value().find(endpoint, repository)) {
      case Place.InFile(String key, Credential credential) -> {
        last = new Used("auths " + key, credential.shownName(), null);
        yield credential;
      }
      case Place.WithHelper helper -> {
        KeptCredential kept = kept(helper, endpoint);
        last = new Used(helper.key() + ' ' + helper.name(), Optional.empty(), kept);
        yield kept.get(deadline);
      }
      case Place.Nowhere _ -> {
        last = new Used("no entry for " + endpoint.registry(), Optional.empty(), null);
        yield Credential.ANONYMOUS;
      }
    };
  }

  private KeptCredential kept(Place.WithHelper helper, Endpoint endpoint) {
    if (!HELPER.matcher(helper.name()).matches()) {
      throw CredentialSource.unusable(
          upstream,
          "%s of %s names what cannot be a helper".formatted(helper.key(), path.getFileName()));
    }
    List<String> command = List.of("docker-credential-" + helper.name(), "get");
    return helpers.optional(command, endpoint, refresh);
  }

  @Override
  public boolean renew(
      Endpoint endpoint, @Nullable Repository repository, Credential refused, Deadline deadline) {
    Place place = file.reread().value().find(endpoint, repository);
    if (place instanceof Place.WithHelper helper
        && !kept(helper, endpoint).renew(refused, deadline)) {
      return false;
    }
    return !find(endpoint, repository, deadline).equals(refused);
  }

  @Override
  public Optional<CredentialStatus> status() {
    Used used = last;
    String source = "docker-config " + path + (used == null ? "" : " (" + used.place + ')');
    CredentialStatus status =
        used != null && used.kept != null
            ? used.kept.status(source)
            : new CredentialStatus(
                source,
                used == null ? Optional.empty() : used.username,
                file.since(),
                Optional.empty(),
                Optional.empty());
    return Optional.of(file.failure().map(status::failed).orElse(status));
  }
}
