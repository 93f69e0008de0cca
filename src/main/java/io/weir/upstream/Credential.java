package io.weir.upstream;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Who the server is at an upstream. Equal credentials share tokens. Never printed. */
sealed interface Credential {

  /** Nobody. */
  Credential ANONYMOUS = new Anonymous();

  /** The name that means that the secret beside it is a refresh token. */
  String IDENTITY_TOKEN_USER = "<token>";

  /** A name and a password, or a refresh token where the name says so. */
  static Credential login(String username, String password) {
    return username.equals(IDENTITY_TOKEN_USER)
        ? new IdentityToken(username, password)
        : new Login(username, password);
  }

  /** Whether {@code text} holds the secret. */
  boolean isIn(String text);

  /** The name as it may be shown; empty where there is none, or where it may be the secret. */
  Optional<String> shownName();

  /** See {@link #ANONYMOUS}. */
  record Anonymous() implements Credential {

    @Override
    public Optional<String> shownName() {
      return Optional.empty();
    }

    @Override
    public boolean isIn(String text) {
      return false;
    }
  }

  /** A name and a password. */
  record Login(String username, String password) implements Credential {

    private static final int SHOWN_LENGTH_MAX = 64;

    /** Some registries take a key for the name, and no password. */
    @Override
    public Optional<String> shownName() {
      boolean isShort = username.length() <= SHOWN_LENGTH_MAX;
      boolean isPrintable = username.chars().allMatch(c -> c > ' ' && c < 0x7f);
      return isShort && isPrintable && !password.isEmpty() && !username.equals(password)
          ? Optional.of(username)
          : Optional.empty();
    }

    String basic() {
      byte[] login = (username + ':' + password).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(login);
    }

    @Override
    public boolean isIn(String text) {
      return text.contains(password) || text.contains(basic().substring("Basic ".length()));
    }

    @Override
    public String toString() {
      return "Login[***]";
    }
  }

  /**
   * A refresh token, to be exchanged for access tokens.
   *
   * @param username the name that goes with it, for token services that know only Basic
   */
  record IdentityToken(String username, String token) implements Credential {

    @Override
    public Optional<String> shownName() {
      return Optional.empty();
    }

    Login asLogin() {
      return new Login(username, token);
    }

    @Override
    public boolean isIn(String text) {
      return text.contains(token);
    }

    @Override
    public String toString() {
      return "IdentityToken[***]";
    }
  }

  /** An access token that is shown to the registry as it is. */
  record RegistryToken(String token) implements Credential {

    @Override
    public Optional<String> shownName() {
      return Optional.empty();
    }

    @Override
    public boolean isIn(String text) {
      return text.contains(token);
    }

    @Override
    public String toString() {
      return "RegistryToken[***]";
    }
  }
}
