package io.weir.oci;

/**
 * Error codes of the distribution specification, with the HTTP status that goes with each.
 *
 * <p>The last two are not in the specification's table: {@code UNAVAILABLE} and {@code UNKNOWN}
 * come from Docker's registry and are understood by its clients.
 *
 * @see <a
 *     href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes">distribution-spec
 *     1.1.1, error codes</a>
 */
public enum ErrorCode {
  BLOB_UNKNOWN(404),
  DENIED(403),
  DIGEST_INVALID(400),
  MANIFEST_INVALID(400),
  MANIFEST_UNKNOWN(404),
  NAME_INVALID(400),
  NAME_UNKNOWN(404),
  PAGINATION_NUMBER_INVALID(400),
  SIZE_INVALID(400),
  TOOMANYREQUESTS(429),
  UNAUTHORIZED(401),
  UNSUPPORTED(405),
  UNAVAILABLE(502),
  UNKNOWN(500);

  private final int status;

  ErrorCode(int status) {
    this.status = status;
  }

  /** The HTTP status that answers with this code where nothing more exact is known. */
  public int status() {
    return status;
  }
}
