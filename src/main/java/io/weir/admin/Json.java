package io.weir.admin;

import com.fasterxml.jackson.annotation.JsonInclude.Include;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.MutableCoercionConfig;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/**
 * The JSON of the API. Members stand in the order of the records that they come from, what is
 * absent is left out, times are RFC 3339 and durations ISO 8601.
 */
final class Json {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(
              MapperFeature.SORT_PROPERTIES_ALPHABETICALLY, MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .withCoercionConfig(LogicalType.Textual, Json::refuseScalars)
          .enable(
              DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(Include.NON_ABSENT))
          .build();

  private Json() {}

  /** A number is no text, in an array neither. */
  private static void refuseScalars(MutableCoercionConfig texts) {
    texts
        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
  }

  static byte[] bytes(Object document) {
    return MAPPER.writeValueAsBytes(document);
  }

  /**
   * Reads an object.
   *
   * @throws Refusal 400 where the text is none
   */
  static JsonNode object(byte[] text) {
    try {
      JsonNode node = MAPPER.readTree(text);
      if (node.isObject()) {
        return node;
      }
    } catch (JacksonException _) {
      // The parser's own message would quote what was sent.
    }
    throw new Refusal(400, "the body has to be a JSON object");
  }

  /**
   * Makes a value of an object.
   *
   * @throws Refusal 400 where the object has other members than {@code type}, or of other types
   */
  static <T> T as(Class<T> type, JsonNode object) {
    try {
      return MAPPER.treeToValue(object, type);
    } catch (UnrecognizedPropertyException e) {
      throw new Refusal(
          400,
          "there is no member '%s' here, only %s"
              .formatted(e.getPropertyName(), e.getKnownPropertyIds()));
    } catch (JacksonException e) {
      throw new Refusal(400, "the member %s has a wrong type".formatted(e.getPathReference()));
    }
  }
}
