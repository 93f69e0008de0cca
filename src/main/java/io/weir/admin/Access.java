package io.weir.admin;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.weir.config.Address;
import io.weir.config.Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may use the API.
 *
 * <p>With {@code admin.token-file}, who shows the token. Without it, programs on this machine, if
 * only they can reach the listener. A browser on this machine is such a program too, and runs what
 * strangers wrote, so a request must not look as if a page from elsewhere had sent it: not by its
 * {@code Host}, which a stranger's name server may point at loopback, nor by its {@code Origin} or
 * {@code Content-Type}.
 */
final class Access {

  private static final Logger LOG = LoggerFactory.getLogger(Access.class);

  private static final Set<String> READING = Set.of("GET", "HEAD");
  private static final String BEARER = "Bearer ";

  private final Address listen;
  private final Optional<Token> token;

  Access(Config.Admin admin) {
    this.listen = admin.listen();
    this.token = admin.tokenFile().map(Token::new);
  }

  /**
   * Lets a request pass. Blocks where there is a token to read.
   *
   * @param hasBody whether the request came with a body
   * @throws Refusal where it must not
   */
  void check(HttpServerRequest request, boolean hasBody) {
    if (token.isPresent()) {
      checkToken(token.get(), request.getHeader("Authorization"));
    } else if (!listen.isLoopback()) {
      throw new Refusal(
          403,
          "admin.listen is %s, which other machines can reach: the API is closed until admin.token-file is configured"
              .formatted(listen));
    } else {
      checkHost(request.authority());
    }
    if (!READING.contains(request.method().name())) {
      checkOrigin(request.getHeader("Origin"), request.getHeader("Host"));
      if (hasBody) {
        checkType(request.getHeader("Content-Type"));
      }
    }
  }

  private static void checkToken(Token token, @Nullable String authorization) {
    try {
      if (authorization != null
          && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
          && token.is(authorization.substring(BEARER.length()).strip())) {
        return;
      }
    } catch (IOException e) {
      LOG.error("admin.token-file {} cannot be used: {}", token.file(), e.toString());
      throw new Refusal(503, "admin.token-file cannot be used; the server's log says why");
    }
    throw new Refusal(
        401,
        "the API takes `Authorization: Bearer` with the token that stands in admin.token-file",
        Map.of("WWW-Authenticate", "Bearer realm=\"weir\""));
  }

  private void checkHost(@Nullable HostAndPort asked) {
    String host = asked == null ? "" : asked.host();
    if (!host.equalsIgnoreCase("localhost")
        && !host.equalsIgnoreCase(listen.host())
        && !isLiteral(host)) {
      throw new Refusal(
          403, "without admin.token-file the API is asked for by an IP address or as localhost");
    }
  }

  private static boolean isLiteral(String host) {
    try {
      InetAddress _ = InetAddress.ofLiteral(host);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static void checkOrigin(@Nullable String origin, @Nullable String host) {
    if (origin != null && !authority(origin).equalsIgnoreCase(host)) {
      throw new Refusal(403, "a page from elsewhere may not change anything here");
    }
  }

  private static String authority(String origin) {
    try {
      return String.valueOf(URI.create(origin).getRawAuthority());
    } catch (IllegalArgumentException _) {
      return "";
    }
  }

  private static void checkType(@Nullable String contentType) {
    String type = contentType == null ? "" : contentType.split(";", 2)[0].strip();
    if (!type.equalsIgnoreCase("application/json")) {
      throw new Refusal(415, "the body has to be application/json");
    }
  }
}
