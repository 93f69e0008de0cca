package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.TraceCollector;
import io.weir.testing.WeirProcess;
import io.weir.testing.real.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Traces of a process: its environment, its log, its end, and what it loads without any. */
@Timeout(60)
class TracedProcessTest {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String MANIFEST = "/v2/hub/team/app/manifests/v1";

  private static final String NOTHING_AHEAD = "cache: {prefetch: 0}\n";
  private static final String LOST = "weir_spans_lost_total";

  @TempDir private Path folder;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private final TraceCollector collector = TraceCollector.start();

  TracedProcessTest() {
    upstream.image("team/app", "v1", new byte[100]);
  }

  private WeirProcess.Builder weir() {
    return WeirProcess.builder().shortLived().upstream("hub", upstream.url());
  }

  private static void end(WeirProcess weir) throws Exception {
    weir.terminate();
    assertThat(weir.awaitExit(Duration.ofSeconds(10))).isZero();
  }

  @Test
  void bySigtermAllHasBeenSentAndTheAccessLogKnowsTheTrace() throws Exception {
    try (WeirProcess weir =
        weir()
            .config("tracing: {endpoint: '%s', service-name: edge}\n".formatted(collector.url()))
            .arguments("--log-format", "json")
            .start()) {
      assertThat(Http.get(weir.port(), MANIFEST).status()).isEqualTo(200);
      end(weir);

      TraceCollector.Span request =
          collector.spans("SERVER", "GET /v2/{name}/manifests/{reference}").getFirst();
      assertThat(request.resource()).containsEntry("service.name", "edge");
      assertThat(access(weir).path("trace_id").asString()).isEqualTo(request.traceId());
      assertThat(weir.log()).noneMatch(line -> line.contains("\"level\":\"WARN\""));
    }
  }

  private static JsonNode access(WeirProcess weir) {
    return weir.log()
        .filter(line -> line.startsWith("{"))
        .map(JSON::readTree)
        .filter(line -> line.path("logger").asString("").equals("weir.access"))
        .filter(line -> line.path("kind").asString("").equals("manifest"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theVariablesOfOpenTelemetryHold() throws Exception {
    try (WeirProcess weir =
        weir()
            .variable("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url().toString())
            .variable("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20s3cret")
            .variable("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=lab")
            .arguments("--log-level", "trace")
            .start()) {
      assertThat(Http.get(weir.port(), MANIFEST).status()).isEqualTo(200);
      end(weir);

      assertThat(collector.spans().getFirst().resource())
          .containsEntry("service.name", "weir")
          .containsEntry("deployment.environment.name", "lab");
      assertThat(collector.requests().getFirst().get("Authorization"))
          .isEqualTo(List.of("Bearer s3cret"));
      assertThat(weir.log()).noneMatch(line -> line.contains("s3cret"));
    }
  }

  @Test
  void spansThatTheCollectorRefusesAreCounted() throws Exception {
    collector.answer(400);
    try (WeirProcess weir =
        weir()
            .config(NOTHING_AHEAD)
            .variable("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url().toString())
            .variable("OTEL_BSP_SCHEDULE_DELAY", "10")
            .start()) {
      assertThat(lostSpans(weir)).isZero();
      assertThat(Http.get(weir.port(), MANIFEST).status()).isEqualTo(200);
      awaitLostSpans(weir, 2); // the request, and that to the upstream

      collector.answer(200);
      assertThat(Http.get(weir.port(), MANIFEST).status()).isEqualTo(200);
      end(weir);
      assertThat(collector.spans()).hasSize(1);
      assertThat(weir.log())
          .anyMatch(line -> line.contains("2 of 3 spans did not reach the collector"));
    }
  }

  @Test
  void spansThatComeTooFastForTheCollectorAreCounted() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        WeirProcess weir =
            weir()
                .config(NOTHING_AHEAD)
                .variable(
                    "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + silent.getLocalPort())
                .variable("OTEL_BSP_MAX_QUEUE_SIZE", "4")
                .variable("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2")
                .start()) {
      for (int i = 0; i < 20; i++) {
        assertThat(Http.get(weir.port(), MANIFEST).status()).isEqualTo(200);
      }
      awaitLostSpans(weir, 17);
      end(weir);

      assertThat(weir.log())
          .anyMatch(line -> line.contains("21 of 21 spans did not reach the collector"));
    }
  }

  private static void awaitLostSpans(WeirProcess weir, long count) throws IOException {
    boolean _ = Await.until(Duration.ofSeconds(20), () -> lostSpans(weir) >= count);
    assertThat(lostSpans(weir)).isEqualTo(count);
  }

  private static long lostSpans(WeirProcess weir) throws IOException {
    return Http.get(weir.adminPort(), "/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(LOST + ' '))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(LOST.length())))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void withoutTracesNothingOfTheLibraryIsLoaded() throws Exception {
    Path loaded = folder.resolve("classes.log");
    try (WeirProcess weir = weir().jvm("-Xlog:class+load:file=" + loaded).start()) {
      String traceparent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      assertThat(Http.get(weir.port(), MANIFEST, traceparent).status()).isEqualTo(200);
      assertThat(Http.get(weir.adminPort(), "/metrics").text()).doesNotContain(LOST);
      end(weir);

      assertThat(Files.readAllLines(loaded))
          .anyMatch(line -> line.contains(" io.weir.tracing.NoTracing "))
          .noneMatch(line -> line.contains(" io.opentelemetry."));
      assertThat(upstream.requests())
          .noneMatch(asked -> asked.headers().containsKey("traceparent"));
      assertThat(access(weir).has("trace_id")).isFalse();
    }
  }
}
