package io.weir.oci;

/**
 * A request or a document that breaks the specification, or asks for what is not there.
 *
 * <p>Its message is public: it is sent to the client as the {@code message} of the error document,
 * so it holds nothing that the client may not know.
 */
public final class OciException extends RuntimeException {

  private final ErrorCode code;

  public OciException(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  public OciException(ErrorCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public ErrorCode code() {
    return code;
  }
}
