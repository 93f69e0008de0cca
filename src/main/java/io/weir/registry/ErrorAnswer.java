package io.weir.registry;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.weir.metrics.Kind;
import io.weir.oci.ErrorCode;
import io.weir.oci.OciException;
import io.weir.store.StorageException;
import io.weir.upstream.UpstreamException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a failure is to the client. The one place where failures become HTTP.
 *
 * <table>
 * <caption>Upstream's failures</caption>
 * <tr><td>401, 403</td><td>403 DENIED: a 401 would make a client send its own password here</td></tr>
 * <tr><td>404</td><td>404 MANIFEST_UNKNOWN, BLOB_UNKNOWN or NAME_UNKNOWN</td></tr>
 * <tr><td>429</td><td>429 TOOMANYREQUESTS with Retry-After</td></tr>
 * <tr><td>5xx, unreachable, nonsense</td><td>502 UNAVAILABLE: never 404, which would make a client go elsewhere</td></tr>
 * <tr><td>a manifest beyond 4 MiB</td><td>413 SIZE_INVALID</td></tr>
 * <tr><td>too slow</td><td>504 UNAVAILABLE</td></tr>
 * </table>
 *
 * @param status the HTTP status
 * @param code the code in the error document
 * @param message the message in it
 * @param retryAfter what Retry-After says, or null
 */
record ErrorAnswer(int status, ErrorCode code, String message, @Nullable Duration retryAfter) {

  private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswer.class);
  private static final JsonMapper JSON = JsonMapper.shared();

  private static final int REASON_LENGTH_MAX = 300;

  static ErrorAnswer of(int status, ErrorCode code, String message) {
    return new ErrorAnswer(status, code, message, null);
  }

  /** The answer to a request about {@code kind} that ended in {@code failure}. */
  static ErrorAnswer to(Throwable failure, Kind kind) {
    return switch (failure) {
      case OciException e -> of(e.code().status(), e.code(), String.valueOf(e.getMessage()));
      case UpstreamException e -> toUpstream(e, kind);
      case StorageException e -> of(503, ErrorCode.UNAVAILABLE, String.valueOf(e.getMessage()));
      case ByteRange.UnsatisfiableException e ->
          of(416, ErrorCode.SIZE_INVALID, String.valueOf(e.getMessage()));
      default -> {
        LOG.error("a request failed inside the cache", failure);
        yield of(500, ErrorCode.UNKNOWN, "the cache failed; its log says how");
      }
    };
  }

  private static ErrorAnswer toUpstream(UpstreamException e, Kind kind) {
    String message = String.valueOf(e.getMessage());
    return switch (e.kind()) {
      case NOT_FOUND -> of(404, unknown(kind), message);
      case DENIED -> of(403, ErrorCode.DENIED, message);
      case RATE_LIMITED ->
          new ErrorAnswer(429, ErrorCode.TOOMANYREQUESTS, message, e.retryAfter().orElse(null));
      case TOO_LARGE -> of(413, ErrorCode.SIZE_INVALID, message);
      case UNAVAILABLE, INVALID ->
          new ErrorAnswer(502, ErrorCode.UNAVAILABLE, message, e.retryAfter().orElse(null));
      case TIMEOUT -> of(504, ErrorCode.UNAVAILABLE, message);
    };
  }

  private static ErrorCode unknown(Kind kind) {
    return switch (kind) {
      case MANIFEST, REFERRERS -> ErrorCode.MANIFEST_UNKNOWN;
      case BLOB -> ErrorCode.BLOB_UNKNOWN;
      case TAGS, OTHER -> ErrorCode.NAME_UNKNOWN;
    };
  }

  /**
   * The status line's code and reason: {@code 502 Bad Gateway: docker.io: connection refused
   * (10.0.0.4:443)}.
   *
   * <p>containerd asks with HEAD, whose answer has no document, and containers/image (podman,
   * buildah, skopeo, CRI-O) does not read that of a 5xx: the status line is all that they show to
   * the person who waits for the image. The reason is what RFC 9112, section 4, lets it be, in
   * ASCII.
   */
  HttpResponseStatus statusLine() {
    HttpResponseStatus standard = HttpResponseStatus.valueOf(status);
    String reason =
        (standard.reasonPhrase() + ": " + message)
            .replaceAll("[\\p{Cntrl}\\s]+", " ")
            .replaceAll("[^ -~]", "?");
    return new HttpResponseStatus(
        status, reason.substring(0, Math.min(reason.length(), REASON_LENGTH_MAX)));
  }

  /**
   * The error document.
   *
   * @see <a
   *     href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes">distribution-spec
   *     1.1.1, error codes</a>
   */
  byte[] document() {
    ObjectNode root = JSON.createObjectNode();
    root.putArray("errors").addObject().put("code", code.name()).put("message", message);
    return JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
  }
}
