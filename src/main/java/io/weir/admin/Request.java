package io.weir.admin;

import io.weir.oci.ImagePattern;
import io.weir.oci.OciException;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A request to the API, as its handler sees it.
 *
 * @param variables what the variable parts of the path stand for
 * @param query the parameters behind the question mark
 * @param body as it came; empty for none
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
record Request(Map<String, String> variables, Query query, byte[] body) {

  /** What the part {@code {name}} of the path stands for. */
  String variable(String name) {
    return variables.getOrDefault(name, "");
  }

  /**
   * The pattern of images that the path names.
   *
   * @throws Refusal 400 where it is none
   */
  ImagePattern pattern() {
    return pattern(variable("pattern"));
  }

  /**
   * A pattern of images.
   *
   * @throws Refusal 400 where it is none
   */
  static ImagePattern pattern(String text) {
    try {
      return ImagePattern.parse(text);
    } catch (OciException e) {
      throw new Refusal(400, String.valueOf(e.getMessage()));
    }
  }

  /**
   * The JSON object that was sent.
   *
   * @throws Refusal 400 where it is none
   */
  JsonNode object() {
    return Json.object(body);
  }

  /**
   * The JSON object that was sent, as a value.
   *
   * @throws Refusal 400 where it is none, or has other members than {@code type}
   */
  <T> T object(Class<T> type) {
    return Json.as(type, object());
  }
}
