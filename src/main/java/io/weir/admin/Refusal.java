package io.weir.admin;

import java.util.Map;

/**
 * A request to the API that is answered with a problem document. Thrown by whoever finds out; what
 * it says is for the client to read.
 */
final class Refusal extends RuntimeException {

  private final int status;
  private final Map<String, String> headers;

  /**
   * @param status 400 to 599
   * @param detail what is wrong, and what to do about it
   */
  Refusal(int status, String detail) {
    this(status, detail, Map.of());
  }

  /** The same with headers that belong to such an answer, such as {@code Allow}. */
  Refusal(int status, String detail, Map<String, String> headers) {
    super(detail, null, false, false);
    this.status = status;
    this.headers = Map.copyOf(headers);
  }

  int status() {
    return status;
  }

  /** What is wrong. */
  String detail() {
    return String.valueOf(getMessage());
  }

  Map<String, String> headers() {
    return headers;
  }
}
