package io.weir.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.oci.ErrorCode;
import org.junit.jupiter.api.Test;

class ErrorAnswerTest {

  private static String statusLine(int status, String message) {
    return ErrorAnswer.of(status, ErrorCode.UNAVAILABLE, message).statusLine().toString();
  }

  @Test
  void theStatusLineSaysWhatTheDocumentSays() {
    assertThat(statusLine(502, "docker.io: connection refused (10.0.0.4:443)"))
        .isEqualTo("502 Bad Gateway: docker.io: connection refused (10.0.0.4:443)");
  }

  @Test
  void noMessageGetsOutOfTheStatusLine() {
    assertThat(
            statusLine(
                502, "hub: answered 500: a\r\nSet-Cookie: b\n\n<p>\u0000\u0085\u2028c\u007f"))
        .isEqualTo("502 Bad Gateway: hub: answered 500: a Set-Cookie: b <p> ??c ");
    assertThat(statusLine(404, "caf\u00e9 \ud83d\ude00")).isEqualTo("404 Not Found: caf? ?");
    assertThat(statusLine(404, "x".repeat(5000))).hasSize("404 ".length() + 300);
  }
}
