package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.Http;
import io.weir.testing.WeirProcess;
import io.weir.testing.real.Command;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the process says when it is ready, and that it listens to signals. */
@Timeout(60)
class ServeTest {

  private static WeirProcess.Builder weir() {
    return WeirProcess.builder().shortLived();
  }

  @Test
  void itSaysWhereEverythingIsAndWhatToTry() throws Exception {
    try (WeirProcess weir = weir().arguments("--upstream", "lab=http://127.0.0.1:1").start()) {
      assertThat(weir.greeting())
          .startsWith("weir ")
          .contains("  pulls      http://127.0.0.1:" + weir.port() + "\n")
          .contains("  store      " + weir.data() + "\n")
          .contains("  upstreams  docker.io, quay.io, ")
          .contains(", lab\n")
          .contains("  nodes      weir client-config shows how to point them here\n")
          .endsWith(
              "skopeo inspect --tls-verify=false docker://127.0.0.1:%d/docker.io/library/alpine%n"
                  .formatted(weir.port()));
    }
  }

  @Test
  void operatorsGetAnAnswerAtTheAddressThatItSays() throws Exception {
    try (WeirProcess weir = weir().start()) {
      assertThat(weir.readiness().text()).isEqualTo("ready\n");
      assertThat(Http.get(weir.adminPort(), "/metrics").text()).contains("weir_");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalEndsItWell(String signal) throws Exception {
    try (WeirProcess weir = weir().start()) {
      Command.of("kill", "-" + signal, Long.toString(weir.processId())).run().orFail();

      assertThat(weir.awaitExit(Duration.ofSeconds(10))).isZero();
    }
  }
}
