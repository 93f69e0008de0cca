package io.weir.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.weir.oci.Tag;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.StringNode;

class LogFormatTest {

  private static final String FORGED = "x\n2026-01-01T00:00:00.000Z INFO  forged: \u001b[31mline";

  private static final Instant TIME = Instant.parse("2026-11-22T10:20:30.456789Z");

  private final LoggerContext context = new LoggerContext();

  @Test
  void textIsTimeLevelLoggerMessageAndPairs() {
    assertThat(text("io.weir.upstream.Transport", "retrying", Map.of("attempt", 2), null))
        .isEqualTo("2026-11-22T10:20:30.456Z INFO  Transport: retrying attempt=2\n");
  }

  @Test
  void aPairThatIsNotOneWordStandsInQuotes() {
    assertThat(text("a.B", "", Map.of("key", "two \"words\""), null))
        .endsWith(" key=\"two \\\"words\\\"\"\n");
    assertThat(text("a.B", "", Map.of("key", ""), null)).endsWith(" key=\"\"\n");
    assertThat(text("a.B", "", Map.of("key", "a=b"), null)).endsWith(" key=\"a=b\"\n");
  }

  @Test
  void noTextForgesALineOrMovesTheCursor() {
    String line = text("a.B", FORGED, Map.of("key", FORGED), new IllegalStateException(FORGED));

    assertThat(line.lines().filter(each -> !each.startsWith(" "))).hasSize(1);
    assertThat(line).doesNotContain("\u001b").contains("x\\n2026-01-01", "\\u001b[31mline");
  }

  @Test
  void textThatTurnsTheDirectionOfALineIsEscaped() {
    assertThat(text("a.B", "\u202egnp.exe \u2028é", Map.of(), null))
        .endsWith(": \\u202egnp.exe \\u2028é\n");
  }

  @Test
  void theStackFollowsInLinesThatAreNoEvents() {
    Exception failure = new IllegalStateException("outer", new IllegalArgumentException("inner"));

    assertThat(text("a.B", "failed", Map.of(), failure).lines())
        .contains(
            "  java.lang.IllegalStateException: outer",
            "  caused by: java.lang.IllegalArgumentException: inner")
        .anyMatch(line -> line.startsWith("    at io.weir.logging.LogFormatTest"));
  }

  @Test
  void theAccessLogReadsLikeTheImageThatWasPulled() {
    AccessEntry entry =
        new AccessEntry(
            "10.0.0.7",
            "",
            "GET",
            "docker.io",
            "library/nginx",
            "manifest",
            "1.27",
            200,
            1234,
            12.0123,
            "hit",
            false,
            "");

    assertThat(access(LogFormat.TEXT, entry))
        .isEqualTo(
            "2026-11-22T10:20:30.456Z INFO  access: GET docker.io/library/nginx:1.27 200 1234"
                + " 12.012s hit 10.0.0.7 kind=manifest\n");
  }

  @Test
  void theAccessLogShowsADigestBehindAnAtSignAndADashForWhatIsNotThere() {
    AccessEntry entry =
        new AccessEntry(
            "",
            "a b=\n",
            "GET",
            "quay.io",
            "a b",
            "blob",
            "sha256:0a",
            0,
            0,
            0.0004,
            "",
            true,
            "0af7651916cd43dd8448eb211c80319c");

    assertThat(access(LogFormat.TEXT, entry))
        .endsWith(
            " access: GET quay.io/\"a b\"@sha256:0a 0 0 0.000s - - kind=blob user=\"a b=\\n\""
                + " aborted=true trace_id=0af7651916cd43dd8448eb211c80319c\n");
  }

  @Test
  void theAccessLogInJsonHasAFieldForEachPartOfAnEntry() {
    AccessEntry entry =
        new AccessEntry(
            "10.0.0.7",
            "ci",
            FORGED,
            "docker.io",
            "",
            "other",
            "",
            404,
            12,
            0.0123456,
            "",
            false,
            "");

    String line = access(LogFormat.JSON, entry);

    assertThat(line).endsWith("}\n").hasLineCount(1);
    assertThat(new JsonMapper().readTree(line))
        .isEqualTo(
            new JsonMapper()
                .createObjectNode()
                .put("time", "2026-11-22T10:20:30.456Z")
                .put("message", "request")
                .put("logger", "weir.access")
                .put("level", "INFO")
                .put("client", "10.0.0.7")
                .put("user", "ci")
                .put("method", FORGED)
                .put("upstream", "docker.io")
                .put("repository", "")
                .put("kind", "other")
                .put("reference", "")
                .put("status", 404)
                .put("bytes", 12)
                .put("seconds", 0.012346)
                .put("cache", "")
                .put("aborted", false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "plain",
        "a\"b\\c",
        "\u0000\u001f\u007f",
        "Größe \u2028 \ud83d\ude00",
        "\ud83d alone"
      })
  void jsonOfAnEntryIsReadBackAsItWas(String text) {
    AccessEntry entry =
        new AccessEntry(
            text, text, text, text, text, text, text, 7, 1L << 60, 1e6, text, true, text);

    JsonNode read = new JsonMapper().readTree(access(LogFormat.JSON, entry));

    assertThat(read.path("repository").asString())
        .isEqualTo(text.equals("\ud83d alone") ? "? alone" : text);
    assertThat(read.path("cache")).isEqualTo(read.path("repository"));
    assertThat(read.path("bytes").asLong()).isEqualTo(1L << 60);
    assertThat(read.path("seconds").asDouble()).isEqualTo(1e6);
    assertThat(read.path("aborted").asBoolean()).isTrue();
  }

  @Test
  void whatIsRememberedOfALineIsOnlyWhatIsTheSame() {
    List<AccessEntry> entries = new ArrayList<>();
    for (String member : List.of("client", "user", "method", "upstream", "repository", "kind")) {
      entries.add(with(member, "x"));
      entries.add(with(member, "y"));
      entries.add(with(member, "x"));
    }
    for (int i = 0; i < 2000; i++) {
      entries.add(with("reference", "v" + i % 700));
    }
    List<JsonNode> lines =
        access(LogFormat.JSON, entries.toArray(AccessEntry[]::new))
            .lines()
            .map(new JsonMapper()::readTree)
            .toList();

    assertThat(lines).hasSameSizeAs(entries);
    for (int i = 0; i < lines.size(); i++) {
      JsonNode line = lines.get(i);
      AccessEntry entry = entries.get(i);
      assertThat(line.path("client").asString()).isEqualTo(entry.client());
      assertThat(line.path("user").asString()).isEqualTo(entry.user());
      assertThat(line.path("method").asString()).isEqualTo(entry.method());
      assertThat(line.path("upstream").asString()).isEqualTo(entry.upstream());
      assertThat(line.path("repository").asString()).isEqualTo(entry.repository());
      assertThat(line.path("kind").asString()).isEqualTo(entry.kind());
      assertThat(line.path("reference").asString()).isEqualTo(entry.reference());
    }
  }

  /** An entry of which one member says something, and the others nothing. */
  private static AccessEntry with(String member, String value) {
    Function<String, String> text = name -> name.equals(member) ? value : "";
    return new AccessEntry(
        text.apply("client"),
        text.apply("user"),
        text.apply("method"),
        text.apply("upstream"),
        text.apply("repository"),
        text.apply("kind"),
        text.apply("reference"),
        200,
        0,
        0,
        "",
        false,
        "");
  }

  @Test
  void aLineIsWrittenAnewEachTimeHoweverLongTheLastOneWas() {
    String name = "long/".repeat(2000);
    List<String> lines =
        access(
                LogFormat.JSON,
                new AccessEntry("", "", "GET", "", name, "", "", 200, 0, 0.5, "", false, ""),
                new AccessEntry("", "", "GET", "", "a", "", "", 200, 0, 0.5, "", false, ""))
            .lines()
            .toList();
    String large = lines.getFirst();
    String small = lines.getLast();

    assertThat(new JsonMapper().readTree(large).path("repository").asString()).isEqualTo(name);
    assertThat(new JsonMapper().readTree(small).path("repository").asString()).isEqualTo("a");
    assertThat(small).contains("\"seconds\":0.500000,");
  }

  @Test
  void jsonHasAFieldForEachPair() {
    JsonNode json = json("a.B", "hello", Map.of("status", 404, "repository", FORGED), null);

    assertThat(json.propertyNames())
        .containsExactlyInAnyOrder("time", "level", "logger", "message", "status", "repository");
    assertThat(json.get("time").asString()).isEqualTo("2026-11-22T10:20:30.456Z");
    assertThat(json.get("level").asString()).isEqualTo("INFO");
    assertThat(json.get("logger").asString()).isEqualTo("a.B");
    assertThat(json.get("status").asInt()).isEqualTo(404);
    assertThat(json.get("repository").asString()).isEqualTo(FORGED);
  }

  @Test
  void valuesThatAreNoNumbersAreTextsInJsonAsInText() {
    Tag tag = Tag.parse("latest");
    Path path = Path.of("/var/lib/weir");
    Duration idle = Duration.ofDays(2);
    Map<String, Object> pairs = Map.of("tag", tag, "path", path, "idle", idle, "blobs", 7L);

    JsonNode json = json("a.B", "hello", pairs, null);

    assertThat(json.get("tag")).isEqualTo(StringNode.valueOf("latest"));
    assertThat(json.get("path")).isEqualTo(StringNode.valueOf("/var/lib/weir"));
    assertThat(json.get("idle")).isEqualTo(StringNode.valueOf("PT48H"));
    assertThat(json.get("blobs").isIntegralNumber()).isTrue();
    assertThat(text("a.B", "hello", pairs, null))
        .contains("tag=latest", "path=/var/lib/weir", "idle=PT48H", "blobs=7");
  }

  @Test
  void jsonIsOneLineWithTheStackInAField() {
    LoggingEvent event = event("a.B", FORGED, new IllegalStateException(FORGED));

    String line = encode(LogFormat.JSON, event);

    assertThat(line.lines()).hasSize(1);
    assertThat(new JsonMapper().readTree(line).get("stack_trace").asString())
        .startsWith("java.lang.IllegalStateException: x");
  }

  private String text(
      String logger, String message, Map<String, ?> pairs, @Nullable Throwable thrown) {
    return encode(LogFormat.TEXT, event(logger, message, pairs, thrown));
  }

  private JsonNode json(
      String logger, String message, Map<String, ?> pairs, @Nullable Throwable thrown) {
    return new JsonMapper().readTree(encode(LogFormat.JSON, event(logger, message, pairs, thrown)));
  }

  private String encode(LogFormat format, LoggingEvent event) {
    return new String(Logging.encoder(format, context).encode(event), UTF_8);
  }

  private LoggingEvent event(
      String logger, String message, Map<String, ?> pairs, @Nullable Throwable thrown) {
    LoggingEvent event = event(logger, message, thrown);
    pairs.forEach((key, value) -> event.addKeyValuePair(new KeyValuePair(key, value)));
    return event;
  }

  private static String access(LogFormat format, AccessEntry... entries) {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    try (Lines lines = new Lines(Channels.newChannel(written), 1 << 20, _ -> {})) {
      AccessLog log = AccessLines.of(format, lines, () -> TIME);
      for (AccessEntry entry : entries) {
        log.write(entry);
      }
    }
    return written.toString(UTF_8);
  }

  private LoggingEvent event(String name, String message, @Nullable Throwable thrown) {
    Logger logger = context.getLogger(name);
    LoggingEvent event = new LoggingEvent("", logger, Level.INFO, message, thrown, null);
    event.setInstant(TIME);
    return event;
  }
}
