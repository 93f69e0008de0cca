package io.weir.admin;

/**
 * A problem document: what every error of this listener looks like.
 *
 * @param type always {@code about:blank}: the status says which kind of problem it is
 * @param title the status in words
 * @param status the HTTP status
 * @param detail what is wrong with this request, and what to do about it
 * @param instance the request's path
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9457.html">RFC 9457</a>
 */
record Problem(String type, String title, int status, String detail, String instance) {

  static final String MEDIA_TYPE = "application/problem+json";

  static Problem of(Refusal refusal, String path) {
    return new Problem(
        "about:blank", title(refusal.status()), refusal.status(), refusal.detail(), path);
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 409 -> "Conflict";
      case 413 -> "Content Too Large";
      case 415 -> "Unsupported Media Type";
      case 503 -> "Service Unavailable";
      default -> "Internal Server Error";
    };
  }
}
