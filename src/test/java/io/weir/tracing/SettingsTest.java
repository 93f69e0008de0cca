package io.weir.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.testing.LogLines;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the SDK is told, and when it is not even started. */
class SettingsTest {

  private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
  private static final String COLLECTOR = "http://127.0.0.1:4318";

  private static Map<String, String> properties(
      Config.Tracing config, Map<String, String> environment) {
    return Settings.of(config, environment).properties();
  }

  @Test
  void withoutACollectorThereAreNoTraces() {
    assertThat(Settings.of(Config.Tracing.DEFAULT, Map.of()).areOn()).isFalse();
    assertThat(Settings.of(Config.Tracing.DEFAULT, Map.of(ENDPOINT, " ")).areOn()).isFalse();
    assertThat(Tracing.start(Config.Tracing.DEFAULT, Map.of("OTEL_SERVICE_NAME", "x")))
        .isSameAs(Tracing.OFF);
  }

  @ParameterizedTest
  @ValueSource(strings = {ENDPOINT, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"})
  void theEnvironmentMayNameTheCollector(String variable) {
    Settings settings = Settings.of(Config.Tracing.DEFAULT, Map.of(variable, COLLECTOR));

    assertThat(settings.areOn()).isTrue();
    assertThat(settings.obstacle()).isEmpty();
    assertThat(settings.place()).isEqualTo(COLLECTOR);
  }

  @Test
  void theConfigurationWinsOverTheEnvironment() {
    Config.Tracing config =
        new Config.Tracing(
            Optional.of(URI.create("https://mine.example.net/otlp")),
            Optional.of(0.25),
            Optional.of("mine"));

    assertThat(
            properties(
                config,
                Map.of(
                    ENDPOINT,
                    COLLECTOR,
                    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                    COLLECTOR,
                    "OTEL_EXPORTER_OTLP_PROTOCOL",
                    "grpc",
                    "OTEL_TRACES_EXPORTER",
                    "none",
                    "OTEL_TRACES_SAMPLER",
                    "always_off",
                    "OTEL_SERVICE_NAME",
                    "theirs",
                    "OTEL_BSP_MAX_QUEUE_SIZE",
                    "77",
                    "HOME",
                    "/root")))
        .containsEntry(
            "otel.exporter.otlp.traces.endpoint", "https://mine.example.net/otlp/v1/traces")
        .containsEntry("otel.exporter.otlp.traces.protocol", "http/protobuf")
        .containsEntry("otel.traces.exporter", "otlp")
        .containsEntry("otel.traces.sampler", "parentbased_traceidratio")
        .containsEntry("otel.traces.sampler.arg", "0.25")
        .containsEntry("otel.service.name", "mine")
        .containsEntry("otel.bsp.max.queue.size", "77")
        .doesNotContainKey("home");
  }

  @Test
  void theServiceIsWeirUnlessSomebodySaysOtherwise() {
    Config.Tracing config = Config.Tracing.DEFAULT;

    assertThat(properties(config, Map.of())).containsEntry("otel.service.name", "weir");
    assertThat(properties(config, Map.of("OTEL_SERVICE_NAME", "edge")))
        .containsEntry("otel.service.name", "edge");
    assertThat(properties(config, Map.of("OTEL_RESOURCE_ATTRIBUTES", "a=b,service.name=resource")))
        .doesNotContainKey("otel.service.name");
  }

  @ParameterizedTest
  @CsvSource({"OTEL_SDK_DISABLED, true", "OTEL_TRACES_EXPORTER, none"})
  void theEnvironmentMaySwitchThemOff(String variable, String value) {
    assertThat(
            Settings.of(Config.Tracing.DEFAULT, Map.of(ENDPOINT, COLLECTOR, variable, value))
                .areOn())
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "OTEL_EXPORTER_OTLP_PROTOCOL, grpc, OTEL_EXPORTER_OTLP_PROTOCOL has to be http/protobuf",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, grpc, OTEL_EXPORTER_OTLP_PROTOCOL has to be",
    "OTEL_TRACES_EXPORTER, jaeger, 'OTEL_TRACES_EXPORTER has to be otlp, or none'",
    "OTEL_TRACES_SAMPLER, sometimes, otel.traces.sampler",
    "OTEL_BSP_SCHEDULE_DELAY, soon, otel.bsp.schedule.delay",
    "OTEL_EXPORTER_OTLP_ENDPOINT, ftp://127.0.0.1, http or https",
    "OTEL_EXPORTER_OTLP_HEADERS, s3cret, OTEL_EXPORTER_OTLP_HEADERS has to be NAME=VALUE",
    "OTEL_EXPORTER_OTLP_HEADERS, a=s3cret%zz, OTEL_EXPORTER_OTLP_HEADERS has to be NAME=VALUE",
  })
  void whatCannotBeUsedIsSaidAndStopsNothing(String variable, String value, String problem) {
    Map<String, String> environment =
        variable.equals(ENDPOINT)
            ? Map.of(variable, value)
            : Map.of(ENDPOINT, COLLECTOR, variable, value);

    try (LogLines log = new LogLines("io.weir.tracing")) {
      assertThat(Tracing.start(Config.Tracing.DEFAULT, environment)).isSameAs(Tracing.OFF);

      assertThat(log.take())
          .singleElement()
          .asString()
          .startsWith("WARN there are no traces: ")
          .contains(problem)
          .doesNotContain("s3cret");
    }
  }
}
