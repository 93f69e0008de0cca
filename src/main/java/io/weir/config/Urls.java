package io.weir.config;

import io.weir.oci.OciException;
import io.weir.oci.Repository;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** The URLs that a configuration may hold: http or https, with a host, without secrets. */
final class Urls {

  private static final int PORT_MAX = 65535;

  private Urls() {}

  /**
   * Parses the URL of a registry. Its path, if it has one, is the prefix of every repository there.
   *
   * @throws IllegalArgumentException where the text is none
   */
  static URI registry(String text) {
    URI url = parse(text);
    String path = url.getRawPath().replaceFirst("/$", "");
    if (path.equals("/v2") || path.startsWith("/v2/")) {
      throw new Expected("the registry's URL without /v2, which every request gets by itself");
    }
    if (!path.isEmpty()) {
      try {
        Repository.parse(path.substring(1));
      } catch (OciException e) {
        throw new Expected("a URL whose path is the beginning of repository names", e);
      }
    }
    return URI.create(origin(url) + path);
  }

  /**
   * Parses the URL of a proxy.
   *
   * @throws IllegalArgumentException where the text is none
   */
  static URI proxy(String text) {
    URI url = parse(text);
    if (!url.getRawPath().isEmpty() && !url.getRawPath().equals("/")) {
      throw new Expected("a proxy's URL without a path");
    }
    return URI.create(origin(url));
  }

  /**
   * Parses the URL of a collector, below which each signal has its path.
   *
   * @throws IllegalArgumentException where the text is none
   */
  static URI collector(String text) {
    URI url = parse(text);
    String path = url.getRawPath().replaceFirst("/+$", "");
    if (path.endsWith("/v1/traces")) {
      throw new Expected("the collector's URL without /v1/traces, which is put behind it");
    }
    return URI.create(origin(url) + path);
  }

  private static URI parse(String text) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
    String scheme = url.getScheme();
    if (scheme == null || !scheme.matches("(?i)https?")) {
      throw new IllegalArgumentException();
    }
    if (url.getRawUserInfo() != null) {
      throw new Expected("a URL without a user or a password");
    }
    if (url.getHost() == null || url.getPort() == 0 || url.getPort() > PORT_MAX) {
      throw new Expected("a URL with a host, and a port from 1 to 65535 if any");
    }
    if (url.getRawQuery() != null || url.getRawFragment() != null) {
      throw new Expected("a URL without ? and #");
    }
    return url;
  }

  private static String origin(URI url) {
    String origin = url.getScheme() + "://" + url.getHost();
    return (url.getPort() < 0 ? origin : origin + ':' + url.getPort()).toLowerCase(Locale.ROOT);
  }
}
