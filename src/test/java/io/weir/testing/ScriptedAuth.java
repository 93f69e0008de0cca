package io.weir.testing;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may read from a {@link ScriptedUpstream}: everybody, or who shows a name and a password
 * (Basic), or who shows a token of its token service (Bearer, at {@code /token}).
 *
 * <p>A token counts for the scopes it was issued for, until it is revoked; it does not end by
 * itself, however short the life that was promised. Thread-safe.
 */
public final class ScriptedAuth {

  private enum Mode {
    NONE,
    BASIC,
    BEARER
  }

  private final Supplier<String> baseUrl;
  private final Map<String, List<String>> scopesByToken = new ConcurrentHashMap<>();
  private final AtomicInteger serial = new AtomicInteger();

  private volatile Mode mode = Mode.NONE;
  private volatile @Nullable String username;
  private volatile @Nullable String password;
  private volatile @Nullable String refreshToken;
  private volatile int postStatus = 404;
  private volatile @Nullable String realm;
  private volatile List<String> challenge = List.of();
  private volatile boolean challengeOnPingOnly;
  private volatile boolean anyScope;
  private volatile @Nullable Long expiresInSeconds = 300L;
  private volatile String tokenField = "token";
  private volatile @Nullable Supplier<String> tokens;

  ScriptedAuth(Supplier<String> baseUrl) {
    this.baseUrl = baseUrl;
  }

  /** Asks for this name and password with every request. */
  public ScriptedAuth basic(String username, String password) {
    mode = Mode.BASIC;
    return login(username, password);
  }

  /** Asks for a token, and gives one to everybody. */
  public ScriptedAuth bearer() {
    mode = Mode.BEARER;
    return this;
  }

  /** Asks for a token, and gives one for this name and password. */
  public ScriptedAuth bearer(String username, String password) {
    mode = Mode.BEARER;
    return login(username, password);
  }

  /** Changes name and password. */
  public ScriptedAuth login(String username, String password) {
    this.username = username;
    this.password = password;
    return this;
  }

  /** Takes POST at the token service, with this refresh token. */
  public ScriptedAuth refreshToken(String token) {
    mode = Mode.BEARER;
    refreshToken = token;
    return this;
  }

  /** The status of a POST at the token service while it takes no refresh token; 404 at first. */
  public ScriptedAuth postStatus(int status) {
    postStatus = status;
    return this;
  }

  /** The realm of the challenge, in place of the token service here. */
  public ScriptedAuth realm(String url) {
    realm = url;
    return this;
  }

  /** The {@code WWW-Authenticate} lines, written as they are given. */
  public ScriptedAuth challenge(String... lines) {
    challenge = List.of(lines);
    return this;
  }

  /** Leaves {@code WWW-Authenticate} out of every 401 but that of {@code /v2/}. */
  public ScriptedAuth challengeOnPingOnly() {
    challengeOnPingOnly = true;
    return this;
  }

  /** Takes every token for everything. */
  public ScriptedAuth anyScope() {
    anyScope = true;
    return this;
  }

  /** The {@code expires_in} of tokens; null leaves it out. */
  public ScriptedAuth expiresIn(@Nullable Long seconds) {
    expiresInSeconds = seconds;
    return this;
  }

  /** The member that holds the token: {@code token}, or {@code access_token}. */
  public ScriptedAuth tokenField(String name) {
    tokenField = name;
    return this;
  }

  /** Where the text of new tokens comes from. */
  public ScriptedAuth tokens(Supplier<String> source) {
    tokens = source;
    return this;
  }

  /** Takes a token that nobody issued, for everything. */
  public ScriptedAuth accept(String token) {
    scopesByToken.put(token, List.of("*"));
    return this;
  }

  /** From now on no token that was issued before counts. */
  public void revokeTokens() {
    scopesByToken.clear();
  }

  boolean admits(RecordedRequest request, @Nullable String repository) {
    String authorization = request.header("authorization").orElse("");
    return switch (mode) {
      case NONE -> true;
      case BASIC -> isLogin(authorization);
      case BEARER -> authorization.startsWith("Bearer ") && isToken(authorization, repository);
    };
  }

  private boolean isToken(String authorization, @Nullable String repository) {
    List<String> scopes = scopesByToken.get(authorization.substring("Bearer ".length()));
    return scopes != null
        && (anyScope
            || repository == null
            || scopes.contains("*")
            || scopes.contains("repository:" + repository + ":pull"));
  }

  private boolean isLogin(String authorization) {
    String login = username + ":" + password;
    return authorization.equals(
        "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
  }

  List<String> challenge(@Nullable String repository) {
    if (challengeOnPingOnly && repository != null) {
      return List.of();
    }
    if (!challenge.isEmpty()) {
      return challenge;
    }
    if (mode == Mode.BASIC) {
      return List.of("Basic realm=\"scripted\"");
    }
    String where = realm == null ? baseUrl.get() + "/token" : realm;
    String scope = repository == null ? "" : ",scope=\"repository:" + repository + ":pull\"";
    return List.of("Bearer realm=\"" + where + "\",service=\"scripted\"" + scope);
  }

  Answer token(RecordedRequest request) {
    if (request.method().equals("POST")) {
      return tokenByPost(request);
    }
    String authorization = request.header("authorization").orElse("");
    boolean isLoginNeeded = username != null;
    if (isLoginNeeded ? !isLogin(authorization) : !authorization.isEmpty()) {
      return Answer.error(401, "UNAUTHORIZED", "wrong name or password");
    }
    return issue(form(request.query()).getOrDefault("scope", List.of()));
  }

  private Answer tokenByPost(RecordedRequest request) {
    Map<String, List<String>> form = form(request.bodyText());
    String expected = refreshToken;
    if (expected == null) {
      return Answer.error(postStatus, "UNSUPPORTED", "no POST here");
    }
    boolean isGrant =
        form.getOrDefault("grant_type", List.of()).contains("refresh_token")
            && form.getOrDefault("refresh_token", List.of()).contains(expected);
    if (!isGrant) {
      return Answer.error(401, "UNAUTHORIZED", "wrong refresh token");
    }
    List<String> scopes = new ArrayList<>();
    form.getOrDefault("scope", List.of()).forEach(s -> scopes.addAll(List.of(s.split(" ", -1))));
    return issue(scopes);
  }

  private Answer issue(List<String> scopes) {
    Supplier<String> source = tokens;
    String token = source == null ? "token-" + serial.incrementAndGet() : source.get();
    scopesByToken.put(token, List.copyOf(scopes));
    Long seconds = expiresInSeconds;
    String expiry = seconds == null ? "" : ",\"expires_in\":" + seconds;
    return Answer.json(200, "{\"" + tokenField + "\":\"" + token + "\"" + expiry + "}");
  }

  private static Map<String, List<String>> form(@Nullable String text) {
    Map<String, List<String>> form = new LinkedHashMap<>();
    if (text == null || text.isEmpty()) {
      return form;
    }
    for (String pair : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      form.computeIfAbsent(decode(name), n -> new ArrayList<>()).add(decode(value));
    }
    return form;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
