package io.weir.registry;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import io.weir.oci.Digest;

/**
 * A digest as the entity tag of what it names, and the conditions that clients make with it.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-13">RFC 9110, section 13</a>
 */
final class Validators {

  private static final AsciiString CONTENT_DIGEST = AsciiString.cached("Docker-Content-Digest");

  private Validators() {}

  static void identify(HttpHeaders headers, Digest digest) {
    headers.set(CONTENT_DIGEST, digest.toString());
    headers.set(HttpHeaderNames.ETAG, etag(digest));
  }

  private static String etag(Digest digest) {
    return '"' + digest.toString() + '"';
  }

  /**
   * Whether If-None-Match names what would be sent, RFC 9110, section 13.1.2. A digest without
   * quotes counts too.
   */
  static boolean isNotModified(Exchange exchange, Digest digest) {
    String condition = exchange.header(HttpHeaderNames.IF_NONE_MATCH);
    if (condition == null) {
      return false;
    }
    for (String candidate : condition.split(",", -1)) {
      String tag = candidate.strip();
      tag = tag.startsWith("W/") ? tag.substring(2) : tag;
      if (tag.equals("*") || tag.equals(etag(digest)) || tag.equals(digest.toString())) {
        return true;
      }
    }
    return false;
  }

  /** Whether If-Range, if there is one, lets the Range count, RFC 9110, section 13.1.5. */
  static boolean isRangeCurrent(Exchange exchange, Digest digest) {
    String condition = exchange.header(HttpHeaderNames.IF_RANGE);
    return condition == null || condition.strip().equals(etag(digest));
  }

  static void sendNotModified(Exchange exchange, Digest digest) {
    HttpResponse head = exchange.head(HttpResponseStatus.NOT_MODIFIED);
    identify(head.headers(), digest);
    exchange.sendEmpty(head);
  }
}
