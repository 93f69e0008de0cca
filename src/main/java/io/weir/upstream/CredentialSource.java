package io.weir.upstream;

import io.weir.config.UpstreamConfig.Credentials;
import io.weir.config.UpstreamConfig.SecretSource;
import io.weir.oci.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where an upstream's credentials come from.
 *
 * <p>A file is read when its credentials are first needed, again when its modification time or its
 * size has changed, and again on {@link #reread}, which is for files that were changed within the
 * resolution of that time. A file that can no longer be read leaves its last content in force: it
 * is being replaced. Thread-safe; two threads may read the same file at once.
 */
final class CredentialSource {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String IDENTITY_TOKEN_USER = "<token>";

  private final String upstream;
  private final @Nullable Credentials credentials;
  private final Map<String, String> environment;
  private final @Nullable Path file;
  private volatile @Nullable Content content;

  /** A file as it was read; {@code auths} only where it is a Docker configuration. */
  @SuppressWarnings("ArrayRecordComponent") // compared by Arrays.equals
  private record Content(
      FileTime modified, long sizeBytes, byte[] bytes, Map<String, Credential> auths) {}

  CredentialSource(
      String upstream, @Nullable Credentials credentials, Map<String, String> environment) {
    this.upstream = upstream;
    this.credentials = credentials;
    this.environment = Map.copyOf(environment);
    this.file =
        switch (credentials) {
          case Credentials.DockerConfig(Path path) -> path;
          case Credentials.Login(_, SecretSource.InFile(Path path)) -> path;
          case Credentials.Login(_, SecretSource.InEnvironment _) -> null;
          case null -> null;
        };
  }

  /** Whether there are any. */
  boolean isConfigured() {
    return credentials != null;
  }

  /**
   * The credentials for a repository, or for the endpoint itself where that is null; {@link
   * Credential#ANONYMOUS} where there are none.
   *
   * @throws UpstreamException {@code DENIED} where they are configured and cannot be read
   */
  Credential find(Endpoint endpoint, @Nullable Repository repository) {
    return switch (credentials) {
      case null -> Credential.ANONYMOUS;
      case Credentials.Login(String username, SecretSource password) ->
          login(username, secret(password));
      case Credentials.DockerConfig _ -> find(read().auths, endpoint, repository);
    };
  }

  /** Reads the file again. Returns whether that made a difference. */
  boolean reread() {
    Content before = content;
    if (file == null || before == null) {
      return false;
    }
    return !Arrays.equals(before.bytes, read(true).bytes);
  }

  private static Credential login(String username, String password) {
    return username.equals(IDENTITY_TOKEN_USER)
        ? new Credential.IdentityToken(username, password)
        : new Credential.Login(username, password);
  }

  private String secret(SecretSource source) {
    return switch (source) {
      case SecretSource.InEnvironment(String variable) -> {
        String value = environment.get(variable);
        if (value == null) {
          throw unusable("the environment variable " + variable + " is not set", null);
        }
        yield value;
      }
      case SecretSource.InFile _ ->
          new String(read().bytes, StandardCharsets.UTF_8).replaceFirst("[\\r\\n]+$", "");
    };
  }

  private Content read() {
    return read(false);
  }

  private Content read(boolean evenIfUnchanged) {
    Path path = file;
    if (path == null) {
      throw new IllegalStateException("these credentials are in no file");
    }
    Content known = content;
    try {
      FileTime modified = Files.getLastModifiedTime(path);
      long sizeBytes = Files.size(path);
      boolean isUnchanged =
          known != null && known.modified.equals(modified) && known.sizeBytes == sizeBytes;
      if (known != null && isUnchanged && !evenIfUnchanged) {
        return known;
      }
      byte[] bytes = Files.readAllBytes(path);
      Map<String, Credential> auths =
          credentials instanceof Credentials.DockerConfig ? parse(bytes) : Map.of();
      Content fresh = new Content(modified, sizeBytes, bytes, auths);
      content = fresh;
      return fresh;
    } catch (IOException | JacksonException e) {
      if (known != null) {
        return known;
      }
      throw unusable(path.getFileName() + " cannot be read", e);
    }
  }

  private UpstreamException unusable(String what, @Nullable Throwable cause) {
    return new UpstreamException(
        UpstreamException.Kind.DENIED,
        "%s: no credentials: %s".formatted(upstream, what),
        null,
        cause);
  }

  /**
   * Reads {@code auths}, also where the document is the inner map alone (the old {@code
   * .dockercfg}).
   */
  private static Map<String, Credential> parse(byte[] document) {
    JsonNode root = JSON.readTree(document);
    JsonNode auths = root.has("auths") ? root.path("auths") : root;
    Map<String, Credential> parsed = new HashMap<>();
    auths
        .properties()
        .forEach(entry -> {
          Credential credential = credential(entry.getValue());
          if (!credential.equals(Credential.ANONYMOUS)) {
            parsed.putIfAbsent(key(entry.getKey()), credential);
          }
        });
    return Map.copyOf(parsed);
  }

  private static Credential credential(JsonNode node) {
    String registryToken = node.path("registrytoken").asString("");
    if (!registryToken.isEmpty()) {
      return new Credential.RegistryToken(registryToken);
    }
    String username = node.path("username").asString("");
    String password = node.path("password").asString("");
    String auth = decode(node.path("auth").asString(""));
    int colon = auth.indexOf(':');
    if (colon > 0) {
      username = auth.substring(0, colon);
      password = auth.substring(colon + 1);
    }
    String identityToken = node.path("identitytoken").asString("");
    if (!identityToken.isEmpty()) {
      return new Credential.IdentityToken(
          username.isEmpty() ? IDENTITY_TOKEN_USER : username, identityToken);
    }
    return username.isEmpty() ? Credential.ANONYMOUS : login(username, password);
  }

  private static String decode(String base64) {
    try {
      byte[] login = Base64.getMimeDecoder().decode(base64);
      return new String(login, StandardCharsets.UTF_8).replaceAll("\\x00+$", "");
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** {@code https://Index.Docker.io/v1/} is {@code docker.io}; a path other than that stays. */
  private static String key(String text) {
    String key = text.replaceFirst("(?i)^https?://", "").replaceFirst("(/v[12])?/*$", "");
    int slash = key.indexOf('/');
    String host = slash < 0 ? key : key.substring(0, slash);
    String path = slash < 0 ? "" : key.substring(slash);
    return Endpoint.registryOf(host.toLowerCase(Locale.ROOT)) + path;
  }

  /** The entry with the longest path that leads to the repository. */
  private static Credential find(
      Map<String, Credential> auths, Endpoint endpoint, @Nullable Repository repository) {
    String path = repository == null ? endpoint.prefix() : endpoint.nameOf(repository);
    String key = path.isEmpty() ? endpoint.registry() : endpoint.registry() + '/' + path;
    while (true) {
      Credential credential = auths.get(key);
      if (credential != null) {
        return credential;
      }
      int slash = key.lastIndexOf('/');
      if (slash < 0) {
        return Credential.ANONYMOUS;
      }
      key = key.substring(0, slash);
    }
  }
}
