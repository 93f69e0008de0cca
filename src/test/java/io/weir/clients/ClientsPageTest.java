package io.weir.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ClientsPageTest {

  private static final Path FILE = Path.of("docs", "clients.md");

  @Test
  void thePageSaysWhatTheProgramSays() throws IOException {
    if ("write".equals(System.getProperty("weir.docs"))) {
      Files.writeString(FILE, ClientsPage.text());
    }

    assertThat(Files.readString(FILE))
        .as("docs/clients.md; write it anew with -Dweir.docs=write")
        .isEqualTo(ClientsPage.text());
  }
}
