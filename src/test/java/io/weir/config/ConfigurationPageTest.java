package io.weir.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationPageTest {

  private static final Path FILE = Path.of("docs", "configuration.md");

  @Test
  void theReferenceSaysWhatTheProgramReads() throws IOException {
    if ("write".equals(System.getProperty("weir.docs"))) {
      Files.writeString(FILE, ConfigurationPage.text());
    }

    assertThat(Files.readString(FILE))
        .as("docs/configuration.md; write it anew with -Dweir.docs=write")
        .isEqualTo(ConfigurationPage.text());
  }

  @Test
  void theExampleOfTheReferenceIsAValidConfiguration() {
    String page = ConfigurationPage.text();
    int begin = page.indexOf("```yaml\n") + "```yaml\n".length();

    String example = page.substring(begin, page.indexOf("```", begin));

    assertThat(Parsing.parse(example).upstreams()).hasSize(4);
  }
}
