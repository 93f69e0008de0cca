package io.weir.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConfigJsonSchemaTest {

  private final JsonNode schema = new JsonMapper().readTree(ConfigJsonSchema.text());

  @Test
  void itSaysWhichDialectItIs() {
    assertThat(schema.at("/$schema").asString())
        .isEqualTo("https://json-schema.org/draft/2020-12/schema");
  }

  @Test
  void aKeyHasItsTypeItsDefaultAndWhatItDoes() {
    JsonNode refresh = schema.at("/properties/tags/properties/refresh");

    assertThat(refresh.at("/default").asString()).isEqualTo("1m");
    assertThat(refresh.at("/description").asString()).startsWith("Within this time a tag is");
    assertThat("5m").matches(refresh.at("/anyOf/0/pattern").asString());
    assertThat("5 minutes").doesNotMatch(refresh.at("/anyOf/0/pattern").asString());
  }

  @Test
  void aSizeIsATextWithAUnitOrANumber() {
    JsonNode maxSize = schema.at("/properties/store/properties/max-size");

    assertThat(maxSize.at("/default").asString()).isEqualTo("80%");
    assertThat(maxSize.at("/anyOf/1/type").asString()).isEqualTo("integer");
    assertThat("10Gi").matches(maxSize.at("/anyOf/0/pattern").asString());
    assertThat("10GB").doesNotMatch(maxSize.at("/anyOf/0/pattern").asString());
    assertThat(schema.at("/properties/scrub/properties/bandwidth/default").asString())
        .isEqualTo("20Mi");
  }

  @Test
  void aKeyThatTakesItsDefaultFromElsewhereHasNone() {
    JsonNode tags = schema.at("/properties/upstreams/additionalProperties/properties/tags");

    assertThat(tags.at("/properties/refresh").has("anyOf")).isTrue();
    assertThat(tags.at("/properties/refresh").has("default")).isFalse();
  }

  @Test
  void aRuleNeedsBothItsKeys() {
    assertThat(schema.at("/properties/tags/properties/rules/items/required"))
        .extracting(JsonNode::asString)
        .containsExactly("match", "refresh");
  }

  @Test
  void anUpstreamMayHaveAnyNameAndNothingAfterIt() {
    JsonNode upstream = schema.at("/properties/upstreams/additionalProperties");

    assertThat(upstream.at("/type"))
        .extracting(JsonNode::asString)
        .containsExactly("object", "null");
    assertThat(upstream.at("/properties/connections/type").asString()).isEqualTo("integer");
  }

  @Test
  void noSectionHasOtherKeysThanItsOwn() {
    assertThat(schema.at("/additionalProperties").isBoolean()).isTrue();
    assertThat(schema.at("/properties/registry/additionalProperties").asBoolean()).isFalse();
  }

  /** What one release of the program prints must not differ from run to run. */
  @Test
  void itsKeysAreInTheOrderOfTheReference() {
    assertThat(schema.at("/properties").propertyNames())
        .containsExactly(
            "registry",
            "admin",
            "store",
            "retention",
            "scrub",
            "cache",
            "tracing",
            "tags",
            "upstreams");
  }
}
