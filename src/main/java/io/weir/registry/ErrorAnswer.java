package io.weir.registry;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.weir.metrics.ErrorReason;
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
 * @param reason as what it is counted
 * @param retryAfter what Retry-After says, or null
 */
record ErrorAnswer(
    int status, ErrorCode code, String message, ErrorReason reason, @Nullable Duration retryAfter) {

  private static final Logger LOG = LoggerFactory.getLogger(ErrorAnswer.class);
  private static final JsonMapper JSON = JsonMapper.shared();

  private static final int REASON_LENGTH_MAX = 300;

  static ErrorAnswer of(int status, ErrorCode code, String message) {
    return new ErrorAnswer(status, code, message, reason(code), null);
  }

  /** Asks a client for patience with ourselves. */
  static ErrorAnswer tooMany(String message, Duration retryAfter) {
    return new ErrorAnswer(
        429, ErrorCode.TOOMANYREQUESTS, message, ErrorReason.THROTTLED, retryAfter);
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
    return switch (e.kind()) {
      case NOT_FOUND -> ofUpstream(404, unknown(kind), e);
      case DENIED -> ofUpstream(403, ErrorCode.DENIED, e);
      case RATE_LIMITED -> ofUpstream(429, ErrorCode.TOOMANYREQUESTS, e);
      case TOO_LARGE -> ofUpstream(413, ErrorCode.SIZE_INVALID, e);
      case UNAVAILABLE, INVALID -> ofUpstream(502, ErrorCode.UNAVAILABLE, e);
      case TIMEOUT -> ofUpstream(504, ErrorCode.UNAVAILABLE, e);
    };
  }

  private static ErrorAnswer ofUpstream(int status, ErrorCode code, UpstreamException e) {
    return new ErrorAnswer(
        status, code, String.valueOf(e.getMessage()), reason(e), e.retryAfter().orElse(null));
  }

  /** As what a request is counted that ended in {@code failure}. */
  static ErrorReason reason(Throwable failure) {
    return switch (failure) {
      case OciException e -> reason(e.code());
      case UpstreamException e -> reason(e);
      case ByteRange.UnsatisfiableException _ -> ErrorReason.BAD_REQUEST;
      default -> ErrorReason.INTERNAL;
    };
  }

  private static ErrorReason reason(UpstreamException e) {
    return switch (e.kind()) {
      case NOT_FOUND -> ErrorReason.NOT_FOUND;
      case DENIED -> ErrorReason.DENIED;
      case RATE_LIMITED -> ErrorReason.THROTTLED;
      case UNAVAILABLE, TIMEOUT -> ErrorReason.UNREACHABLE;
      case TOO_LARGE, INVALID -> ErrorReason.BAD_ANSWER;
    };
  }

  private static ErrorReason reason(ErrorCode code) {
    return switch (code) {
      case BLOB_UNKNOWN, MANIFEST_UNKNOWN, NAME_UNKNOWN -> ErrorReason.NOT_FOUND;
      case DENIED, UNAUTHORIZED -> ErrorReason.DENIED;
      case TOOMANYREQUESTS -> ErrorReason.THROTTLED;
      case UNAVAILABLE, UNKNOWN -> ErrorReason.INTERNAL;
      case DIGEST_INVALID,
          MANIFEST_INVALID,
          NAME_INVALID,
          PAGINATION_NUMBER_INVALID,
          SIZE_INVALID,
          UNSUPPORTED ->
          ErrorReason.BAD_REQUEST;
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
