package io.weir.upstream;

import io.weir.oci.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a Docker configuration says about credentials.
 *
 * @param auths by registry, and by registry and repository path
 * @param credHelpers which helper knows a registry, by registry
 * @param credsStore the helper that knows all others, or empty
 * @see <a href="https://docs.docker.com/reference/cli/docker/login/#credential-stores">docker
 *     login</a>
 * @see <a
 *     href="https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md">containers-auth.json(5)</a>
 */
record DockerConfig(
    Map<String, Credential> auths, Map<String, String> credHelpers, String credsStore) {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String NO_OBJECT = "it is no JSON object";

  /** Where the credentials for a repository are. */
  sealed interface Place {

    /** In the entry of {@code auths} with this key. */
    record InFile(String key, Credential credential) implements Place {}

    /**
     * With a helper.
     *
     * @param key the key that names it, {@code credHelpers} or {@code credsStore}
     * @param name what it is called there, {@code NAME} of {@code docker-credential-NAME}
     */
    record WithHelper(String key, String name) implements Place {}

    /** There are none. */
    record Nowhere() implements Place {}
  }

  /**
   * Reads a document, also one that is the inner map of {@code auths} alone (the old {@code
   * .dockercfg}).
   *
   * @throws IOException where it is none; the message quotes nothing of it
   */
  static DockerConfig parse(byte[] document) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(document);
    } catch (JacksonException _) {
      // The parser's own message would quote what stands there.
      throw new IOException(NO_OBJECT);
    }
    if (!root.isObject()) {
      throw new IOException(NO_OBJECT);
    }
    boolean isWhole = root.has("auths") || root.has("credHelpers") || root.has("credsStore");
    Map<String, Credential> auths = new HashMap<>();
    (isWhole ? root.path("auths") : root)
        .properties()
        .forEach(entry -> {
          Credential credential = credential(entry.getValue());
          if (!credential.equals(Credential.ANONYMOUS)) {
            auths.putIfAbsent(key(entry.getKey()), credential);
          }
        });
    Map<String, String> credHelpers = new HashMap<>();
    root.path("credHelpers")
        .properties()
        .forEach(
            entry -> credHelpers.putIfAbsent(key(entry.getKey()), entry.getValue().asString("")));
    return new DockerConfig(
        Map.copyOf(auths), Map.copyOf(credHelpers), root.path("credsStore").asString(""));
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
          username.isEmpty() ? Credential.IDENTITY_TOKEN_USER : username, identityToken);
    }
    return username.isEmpty() ? Credential.ANONYMOUS : Credential.login(username, password);
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

  /**
   * The helper that is named for the registry, or else the entry with the longest path that leads
   * to the repository, or else the helper for all.
   */
  Place find(Endpoint endpoint, @Nullable Repository repository) {
    String helper = credHelpers.getOrDefault(endpoint.registry(), "");
    if (!helper.isEmpty()) {
      return new Place.WithHelper("credHelpers", helper);
    }
    String path = repository == null ? endpoint.prefix() : endpoint.nameOf(repository);
    String key = path.isEmpty() ? endpoint.registry() : endpoint.registry() + '/' + path;
    while (true) {
      Credential credential = auths.get(key);
      if (credential != null) {
        return new Place.InFile(key, credential);
      }
      int slash = key.lastIndexOf('/');
      if (slash < 0) {
        return credsStore.isEmpty()
            ? new Place.Nowhere()
            : new Place.WithHelper("credsStore", credsStore);
      }
      key = key.substring(0, slash);
    }
  }

  @Override
  public String toString() {
    return "DockerConfig[***]";
  }
}
