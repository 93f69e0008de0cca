package io.weir.clients;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.toml.TomlMapper;

class QuotedTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "docker.io",
        "10.0.0.4:5000",
        "a \"quoted\" \\ word",
        "yes",
        "0x10",
        "- a: {b} # c",
        "line\nline\ttab\rnul\0del\u007f",
        "Grüße \uD83D\uDE00",
        "'''",
        "@`%&*!|>"
      })
  void itIsTheSameStringInAllThree(String text) {
    String quoted = Quoted.of(text);

    assertThat(JsonMapper.shared().readTree(quoted).asString()).isEqualTo(text);
    assertThat(TomlMapper.builder().build().readTree("a = " + quoted).path("a").asString())
        .isEqualTo(text);
    assertThat(Told.parse("a: " + quoted).getFirst().path("a").asString()).isEqualTo(text);
    assertThat(Told.parse(quoted + ": b").getFirst().path(text).asString()).isEqualTo("b");
  }
}
