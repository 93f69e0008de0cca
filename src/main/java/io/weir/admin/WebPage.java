package io.weir.admin;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.weir.web.Asset;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the files of the web page are answered. They hold no secret, so nobody is asked for a token:
 * what is worth protecting the page fetches from the API.
 *
 * <p>A browser asks each time whether a file has changed, so that after an update of the server
 * nobody looks at it through the page of the one before.
 */
final class WebPage {

  /**
   * What the page may do, which is little: whatever an image or a log line is called, a browser
   * runs nothing of it, and asks no other host. The last two: text becomes HTML only where the
   * library makes elements of its templates.
   *
   * @see <a href="https://www.w3.org/TR/CSP3/">Content Security Policy</a>
   * @see <a href="https://www.w3.org/TR/trusted-types/">Trusted Types</a>
   */
  static final String POLICY =
      String.join(
          "; ",
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "img-src 'self' data:",
          "connect-src 'self'",
          "base-uri 'none'",
          "form-action 'none'",
          "frame-ancestors 'none'",
          "require-trusted-types-for 'script'",
          "trusted-types lit-html");

  private static final Map<String, String> HEADERS =
      Map.of(
          "Cache-Control", "no-cache",
          "Content-Security-Policy", POLICY,
          "X-Content-Type-Options", "nosniff",
          "Referrer-Policy", "no-referrer");

  private WebPage() {}

  /** Answers GET and HEAD. On the request's event loop. */
  static void answer(HttpServerRequest request, Asset asset) {
    HttpServerResponse response = request.response();
    HEADERS.forEach(response::putHeader);
    response.putHeader("ETag", asset.etag());
    if (isKnown(request.getHeader("If-None-Match"), asset.etag())) {
      response.setStatusCode(304).end();
      return;
    }
    response.putHeader("Content-Type", asset.contentType());
    if (request.method().equals(HttpMethod.HEAD)) {
      response.putHeader("Content-Length", Integer.toString(asset.content().length)).end();
    } else {
      response.end(Buffer.buffer(asset.content()));
    }
  }

  /** The weak comparison of RFC 9110, section 13.1.2. */
  private static boolean isKnown(@Nullable String ifNoneMatch, String etag) {
    return ifNoneMatch != null
        && Arrays.stream(ifNoneMatch.split(",", -1))
            .map(String::strip)
            .anyMatch(known -> known.equals("*") || known.replaceFirst("^W/", "").equals(etag));
  }
}
