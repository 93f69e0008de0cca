package io.weir.admin;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer of the API.
 *
 * @param status the HTTP status
 * @param headers beside those that every answer has
 * @param document what becomes the JSON of the body; null for an answer without one
 */
record Reply(int status, Map<String, String> headers, @Nullable Object document) {

  static Reply ok(Object document) {
    return new Reply(200, Map.of(), document);
  }

  /** Something is new. */
  static Reply created(String location, Object document) {
    return new Reply(201, Map.of("Location", location), document);
  }

  /** Something has begun. */
  static Reply accepted(String location, Object document) {
    return new Reply(202, Map.of("Location", location), document);
  }

  static Reply noContent() {
    return new Reply(204, Map.of(), null);
  }

  static Reply refused(Refusal refusal, String path) {
    return new Reply(refusal.status(), refusal.headers(), Problem.of(refusal, path));
  }
}
