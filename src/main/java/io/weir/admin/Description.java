package io.weir.admin;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/**
 * What the API says of itself: {@code openapi.json} beside this class, written by hand.
 *
 * @see <a href="https://spec.openapis.org/oas/v3.1.1.html">OpenAPI 3.1.1</a>
 */
final class Description {

  private Description() {}

  static JsonNode read() throws IOException {
    try (InputStream document = Description.class.getResourceAsStream("openapi.json")) {
      return Json.object(Objects.requireNonNull(document).readAllBytes());
    }
  }
}
