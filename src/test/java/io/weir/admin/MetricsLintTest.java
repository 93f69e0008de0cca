package io.weir.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.metrics.CertificateUse;
import io.weir.metrics.Kind;
import io.weir.metrics.Metrics;
import io.weir.metrics.Outcome;
import io.weir.metrics.RateLimitFigures;
import io.weir.metrics.Where;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What Prometheus' own tool says of the names, types and help texts. */
class MetricsLintTest {

  @BeforeAll
  static void requirePromtool() {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    boolean installed =
        Stream.of(path.split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool")));
    if (!installed && Objects.equals(System.getenv("WEIR_TEST_REQUIRE_PROGRAMS"), "1")) {
      Assertions.fail("not installed: promtool");
    }
    Assumptions.assumeTrue(installed, "not installed: promtool");
  }

  @Test
  void promtoolHasNothingToSayAboutOurMetrics() throws Exception {
    Metrics metrics = new Metrics("1.2.3");
    touchAll(metrics);

    assertThat(lint(new MetricsPage(metrics.registry()).write(null).content())).isEmpty();
  }

  private static void touchAll(Metrics metrics) {
    metrics.declareUpstream("quay.io");
    metrics.request("quay.io", Kind.MANIFEST, Outcome.HIT, 0.01);
    metrics.firstByte("quay.io", Kind.MANIFEST, 0.01);
    metrics.sent("quay.io", true, 10);
    metrics.upstreamRequest("quay.io", Kind.BLOB, "200", 0.1);
    metrics.upstreamReceived("quay.io", 10);
    metrics.observeRateLimits(() ->
        Map.of(
            "quay.io",
            new RateLimitFigures(
                Optional.of(100L), Optional.of(99L), Optional.of(Duration.ofHours(6)))));
    metrics.observeReadiness(() -> true);
    metrics.upstreamUp("quay.io", true);
    metrics.transferBegan("quay.io");
    metrics.integrityFailure("quay.io", Where.FETCH);
    metrics.certificateExpiry(CertificateUse.SERVER, Instant.EPOCH);
  }

  private static String lint(byte[] page) throws IOException, InterruptedException {
    Process promtool =
        new ProcessBuilder("promtool", "check", "metrics").redirectErrorStream(true).start();
    try (var input = promtool.getOutputStream()) {
      input.write(page);
    }
    String said = new String(promtool.getInputStream().readAllBytes(), UTF_8);
    promtool.waitFor();
    return said;
  }
}
