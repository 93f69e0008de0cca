package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.TraceCollector;
import io.weir.testing.TraceCollector.Span;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Await;
import io.weir.testing.real.OtelCollector;
import io.weir.testing.real.Programs;
import io.weir.testing.real.RealTest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Traces through the OpenTelemetry Collector, where there is one: Debian has no package of it, so
 * nobody is asked to have it.
 */
@RealTest
class RealCollectorTest {

  private static final String MANIFEST = "/v2/{name}/manifests/{reference}";

  @TempDir private Path data;
  @AutoClose private final TraceCollector behind = TraceCollector.start();
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();

  @BeforeEach
  void needsACollector() {
    assumeThat(Programs.find(OtelCollector.PROGRAM))
        .as("%s, the OpenTelemetry Collector, is on the PATH", OtelCollector.PROGRAM)
        .isPresent();
  }

  @Test
  void itTakesSpansWithTheirContextAndTheirResource() throws IOException {
    upstream.image("team/app", "v1");
    String traceId = "0af7651916cd43dd8448eb211c80319c";
    try (OtelCollector collector = OtelCollector.before(behind.url())) {
      try (WeirServer weir =
          WeirServer.in(data).tracing(collector.uri()).upstream("hub", upstream.url()).start()) {
        Http.Answer answer =
            Http.get(
                weir.port(),
                "/v2/hub/team/app/manifests/v1",
                "traceparent: 00-%s-b7ad6b7169203331-01".formatted(traceId),
                "tracestate: vendor=x");
        assertThat(answer.status()).isEqualTo(200);
      }
      assertThat(Await.until(Duration.ofSeconds(20), () -> behind.spans().size() == 2)).isTrue();
    }

    List<Span> spans = behind.spans();
    assertThat(spans)
        .allSatisfy(span -> {
          assertThat(span.name()).isEqualTo("GET " + MANIFEST);
          assertThat(span.traceId()).isEqualTo(traceId);
          assertThat(span.traceState()).isEqualTo("vendor=x");
          assertThat(span.resource())
              .containsEntry("service.name", "weir")
              .containsKeys("service.version", "service.instance.id");
        });
    assertThat(spans).extracting(Span::kind).containsExactly("SERVER", "CLIENT");
    assertThat(spans.getLast().parentId()).isEqualTo(spans.getFirst().id());
    assertThat(spans.getFirst().text("weir.outcome")).isEqualTo("miss");
  }
}
