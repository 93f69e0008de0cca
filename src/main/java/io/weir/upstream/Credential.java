package io.weir.upstream;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Who the server is at an upstream. Equal credentials share tokens. Never printed. */
sealed interface Credential {

  /** Nobody. */
  Credential ANONYMOUS = new Anonymous();

  /** Whether {@code text} holds the secret. */
  boolean isIn(String text);

  /** See {@link #ANONYMOUS}. */
  record Anonymous() implements Credential {
    @Override
    public boolean isIn(String text) {
      return false;
    }
  }

  /** A name and a password. */
  record Login(String username, String password) implements Credential {

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
    public boolean isIn(String text) {
      return text.contains(token);
    }

    @Override
    public String toString() {
      return "RegistryToken[***]";
    }
  }
}
