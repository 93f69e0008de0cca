package io.weir.registry;

import io.weir.oci.ErrorCode;
import io.weir.oci.OciException;
import org.jspecify.annotations.Nullable;

/**
 * The path of a request, taken apart but not yet understood.
 *
 * <pre>
 * /v2/docker.io/library/nginx/manifests/latest   MANIFEST, name docker.io/library/nginx, reference latest
 * /docker.io/v2/library/nginx/tags/list          TAGS, prefix docker.io, name library/nginx
 * /v2/                                           PING
 * </pre>
 *
 * A repository may have components called {@code manifests} or {@code blobs}, so the path is read
 * from its end.
 *
 * @param endpoint what is asked for
 * @param prefix the segment in front of {@code /v2/}, or null
 * @param name all that stands between {@code /v2/} and the endpoint's own segments; empty for PING
 *     and CATALOG
 * @param reference the last segment of MANIFEST, BLOB and REFERRERS; else empty
 */
record RequestPath(Endpoint endpoint, @Nullable String prefix, String name, String reference) {

  /** The endpoints of the read side. */
  enum Endpoint {
    PING,
    CATALOG,
    MANIFEST,
    BLOB,
    TAGS,
    REFERRERS
  }

  /**
   * Reads the path part of a request target, as it stands on the wire.
   *
   * <p>No character of a name, tag or digest needs percent-encoding; the colon of a digest is the
   * only one that clients encode all the same. So {@code %3A} is decoded, and any other escape is
   * refused before it can mean anything.
   *
   * @throws OciException {@code NAME_UNKNOWN} where no endpoint has such a path, {@code
   *     NAME_INVALID} for an escape
   */
  static RequestPath parse(String rawPath) {
    String path = decodeColons(rawPath);
    int version = path.startsWith("/v2/") || path.equals("/v2") ? 0 : path.indexOf("/v2/", 1);
    if (version < 0 && path.endsWith("/v2")) {
      version = path.length() - "/v2".length();
    }
    if (version < 0) {
      throw noEndpoint();
    }
    String prefix = version == 0 ? null : path.substring(1, version);
    if (prefix != null && (prefix.isEmpty() || prefix.indexOf('/') >= 0)) {
      throw noEndpoint();
    }
    String rest = path.substring(Math.min(path.length(), version + "/v2/".length()));
    if (rest.isEmpty()) {
      return new RequestPath(Endpoint.PING, prefix, "", "");
    }
    if (rest.equals("_catalog")) {
      return new RequestPath(Endpoint.CATALOG, prefix, "", "");
    }
    return content(prefix, rest);
  }

  private static RequestPath content(@Nullable String prefix, String rest) {
    int last = rest.lastIndexOf('/');
    int middle = last <= 0 ? -1 : rest.lastIndexOf('/', last - 1);
    if (middle <= 0) {
      throw noEndpoint();
    }
    String name = rest.substring(0, middle);
    String keyword = rest.substring(middle + 1, last);
    String reference = rest.substring(last + 1);
    if (reference.isEmpty()) {
      throw noEndpoint();
    }
    return switch (keyword) {
      case "manifests" -> new RequestPath(Endpoint.MANIFEST, prefix, name, reference);
      case "blobs" -> new RequestPath(Endpoint.BLOB, prefix, name, reference);
      case "referrers" -> new RequestPath(Endpoint.REFERRERS, prefix, name, reference);
      case "tags" -> {
        if (!reference.equals("list")) {
          throw noEndpoint();
        }
        yield new RequestPath(Endpoint.TAGS, prefix, name, "");
      }
      default -> throw noEndpoint();
    };
  }

  private static String decodeColons(String rawPath) {
    if (rawPath.indexOf('%') < 0) {
      return rawPath;
    }
    String path = rawPath.replace("%3A", ":").replace("%3a", ":");
    if (path.indexOf('%') >= 0) {
      throw new OciException(
          ErrorCode.NAME_INVALID, "the path has a percent-escape that is not a colon's");
    }
    return path;
  }

  private static OciException noEndpoint() {
    return new OciException(
        ErrorCode.NAME_UNKNOWN, "no endpoint of the registry API has this path");
  }
}
