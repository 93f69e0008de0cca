package io.weir.upstream;

import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * By which HTTP proxy a host is reached: the configured one, for every host; else what the
 * environment says in {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY}, in lower case
 * first, with the rules that Go's programs have for them. Immutable.
 *
 * <p>An https target is reached through a tunnel (CONNECT), an http target by a request with its
 * absolute URL; both are Vert.x's own.
 *
 * @see <a href="https://pkg.go.dev/golang.org/x/net/http/httpproxy">golang.org/x/net/http/httpproxy
 *     </a>
 */
final class ProxyChoice {

  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|.*\\.localhost|127\\..*|::1|0:0:0:0:0:0:0:1");

  private final @Nullable ProxyOptions configured;
  private final @Nullable ProxyOptions forHttps;
  private final @Nullable ProxyOptions forHttp;
  private final List<String> exceptions;

  /**
   * @throws IllegalArgumentException where a proxy is not an http or https URL
   */
  ProxyChoice(@Nullable URI configured, Map<String, String> environment) {
    this.configured = configured == null ? null : parse(configured.toString());
    this.forHttps = parse(variable(environment, "HTTPS_PROXY"));
    this.forHttp = parse(variable(environment, "HTTP_PROXY"));
    this.exceptions =
        List.of(variable(environment, "NO_PROXY").split("[,\\s]+", -1)).stream()
            .filter(name -> !name.isEmpty())
            .map(name -> name.toLowerCase(Locale.ROOT))
            .toList();
  }

  private static String variable(Map<String, String> environment, String name) {
    String lowerCase = environment.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    return lowerCase.isBlank() ? environment.getOrDefault(name, "").strip() : lowerCase.strip();
  }

  private static @Nullable ProxyOptions parse(String url) {
    if (url.isEmpty()) {
      return null;
    }
    Target proxy = Target.parse(url.contains("://") ? url : "http://" + url);
    ProxyOptions options =
        new ProxyOptions()
            .setType(proxy.isTls() ? ProxyType.HTTPS : ProxyType.HTTP)
            .setHost(proxy.host())
            .setPort(proxy.port());
    String login = login(url);
    int colon = login.indexOf(':');
    if (!login.isEmpty()) {
      options.setUsername(decode(colon < 0 ? login : login.substring(0, colon)));
      options.setPassword(colon < 0 ? "" : decode(login.substring(colon + 1)));
    }
    return options;
  }

  /** What stands before the at sign. */
  private static String login(String url) {
    String text = url.substring(url.indexOf("://") < 0 ? 0 : url.indexOf("://") + 3);
    int slash = text.indexOf('/');
    String authority = slash < 0 ? text : text.substring(0, slash);
    return authority.substring(0, Math.max(0, authority.lastIndexOf('@')));
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** The proxy to use, or null for none. */
  @Nullable ProxyOptions of(Target target) {
    if (configured != null) {
      return configured;
    }
    ProxyOptions proxy = target.isTls() ? forHttps : forHttp;
    if (proxy == null || LOOPBACK.matcher(target.host()).matches()) {
      return null;
    }
    return exceptions.stream().anyMatch(exception -> covers(exception, target)) ? null : proxy;
  }

  private static boolean covers(String exception, Target target) {
    if (exception.equals("*")) {
      return true;
    }
    if (exception.indexOf('/') > 0) {
      return Network.parse(exception).map(network -> network.contains(target.host())).orElse(false);
    }
    String name = exception;
    int colon = name.lastIndexOf(':');
    if (colon > 0 && colon == name.indexOf(':')) {
      if (!name.substring(colon + 1).equals(Integer.toString(target.port()))) {
        return false;
      }
      name = name.substring(0, colon);
    }
    if (name.startsWith("*.")) {
      name = name.substring(1);
    }
    return name.startsWith(".")
        ? target.host().endsWith(name)
        : target.host().equals(name) || target.host().endsWith('.' + name);
  }
}
