package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands that ask a running server, against one that has pulled something. */
@Timeout(60)
class AdminCommandsTest {

  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path folder;
  private final FakeClock clock = new FakeClock();
  private final Map<String, String> environment = new HashMap<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private boolean isInteractive;
  private String input = "";

  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;

  @BeforeEach
  void start() throws IOException {
    weir =
        WeirServer.in(folder.resolve("store"))
            .clock(clock)
            .pin("hub/library/**")
            .upstream("other", upstream.url())
            .ttl(Duration.ofDays(7))
            .upstream("hub", upstream.url())
            .start();
    environment.put("WEIR_ADMIN", "http://127.0.0.1:" + weir.adminPort());
    pull("library/base", "1.0");
    clock.advance(Duration.ofHours(1));
    pull("team/app", "v1");
    clock.advance(Duration.ofMinutes(3));
  }

  private void pull(String repository, String tag) throws IOException {
    ScriptedUpstream.Image image =
        upstream.image(
            repository, tag, repository.getBytes(StandardCharsets.UTF_8), new byte[3000]);
    String base = "/v2/hub/" + repository;
    assertThat(get(base + "/manifests/" + tag)).isEqualTo(200);
    assertThat(get(base + "/blobs/" + image.config())).isEqualTo(200);
    for (var layer : image.layers()) {
      assertThat(get(base + "/blobs/" + layer)).isEqualTo(200);
    }
    Instant end = Instant.now().plusSeconds(20);
    while (!isWhole("hub/" + repository)) {
      assertThat(Instant.now()).isBefore(end);
    }
  }

  private int get(String path) throws IOException {
    return Http.get(weir.port(), path).status();
  }

  private boolean isWhole(String repository) throws IOException {
    JsonNode image =
        JSON.readTree(Http.get(weir.adminPort(), "/api/v1/images?pattern=" + repository).body())
            .at("/images/0");
    return image.path("missing").asInt(1) == 0 && !image.path("platforms").isEmpty();
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Main.run(
        new Terminal(
            new BufferedReader(new StringReader(input)),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            environment,
            isInteractive,
            clock),
        arguments);
  }

  private List<String> lines() {
    return out.toString().lines().toList();
  }

  private JsonNode json() {
    return JSON.readTree(out.toString());
  }

  // ls

  @Test
  void lsIsATable() {
    assertThat(run("ls")).isZero();

    assertThat(lines())
        .containsExactly(
            "IMAGE                 PLATFORMS     SIZE  LAST PULL  NOTES",
            "hub/library/base:1.0  linux/amd64  3.5Ki     1h ago  pinned",
            "hub/team/app:v1       linux/amd64  3.5Ki     3m ago");
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "hub, 2",
    "hub/team/app, 1",
    "hub/**, 2",
    "**:v1, 1",
    "hub/team/app:v2, 0",
    "quay.io, 0",
    "other, 0",
  })
  void lsOfAPatternListsThatOnlyAndFailsWhereNothingMatches(String pattern, int count) {
    assertThat(run("ls", "--json", pattern)).isEqualTo(count == 0 ? 1 : 0);

    assertThat(json()).hasSize(count);
    assertThat(run("ls", pattern)).isEqualTo(count == 0 ? 1 : 0);
    assertThat(lines()).hasSize(count == 0 ? 0 : 1 + count);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(count == 0 ? "weir: nothing here matches " + pattern : "");
  }

  @Test
  void lsPrintsDigestsOnDemand() {
    assertThat(run("ls", "--digests", "hub/team/app")).isZero();

    assertThat(lines().getLast()).containsPattern("app:v1 +sha256:[0-9a-f]{64} ");
  }

  @Test
  void lsOfNothingIsNoFailure() {
    assertThat(run("evict", "--yes", "hub/team/**")).isZero();
    assertThat(run("ls", "--json")).isZero();
    assertThat(json()).hasSize(1);
  }

  @Test
  void aPatternThatIsNoneIsRefusedInTheServersWords() {
    assertThat(run("ls", "hub/a b")).isEqualTo(1);

    assertThat(err.toString()).startsWith("weir: the pattern is not UPSTREAM/REPOSITORY");
  }

  // df and status

  @Test
  void dfAddsUpByUpstream() {
    assertThat(run("df")).isZero();

    assertThat(lines()).element(0).asString().matches("UPSTREAM +SIZE +FILES +LIMIT +KEPT FOR");
    assertThat(lines()).element(1).asString().matches("other +0 +0");
    assertThat(lines()).element(2).asString().matches("hub +4\\.2Ki +7 +7d");
    assertThat(lines()).element(3).asString().matches("all +4\\.2Ki +7 +\\S+i");
    assertThat(lines().getLast()).startsWith(folder.resolve("store") + " takes ");
  }

  @Test
  void dfAndStatusAreJsonOnDemand() {
    assertThat(run("df", "--json")).isZero();
    assertThat(json().at("/upstreams/1/blobs").asInt()).isEqualTo(7);
    assertThat(json().at("/store/blobs").asInt()).isEqualTo(7);

    assertThat(run("status", "--json")).isZero();
    assertThat(json().at("/uptime").asString()).isEqualTo("PT1H3M");
  }

  @Test
  void statusSaysHowTheServerIs() {
    upstream.goOffline();

    assertThat(run("status")).isZero();

    assertThat(lines().getFirst()).isEqualTo("weir dev, up for 1h, ready");
    assertThat(out.toString())
        .containsPattern("store +\\S+ of \\S+i in 7 files, ")
        .contains(" errors, 0 transfers under way")
        .containsPattern("saved +-?\\S+ and \\S+ requests? to upstreams")
        .containsPattern("hub +4\\.2Ki +7 +up");
  }

  // evict

  @Test
  void aDryRunOfEvictShowsWhatWouldGo() {
    assertThat(run("evict", "--dry-run", "hub/**")).isZero();

    assertThat(lines())
        .containsExactly(
            "IMAGE            LAST PULL  REASON  FREES",
            "hub/team/app:v1     3m ago  manual    625",
            "1 image, 625 would leave");
    assertThat(run("ls", "hub/team/app")).isZero();
  }

  @Test
  void evictAsksAndTakesNoForAnAnswer() {
    isInteractive = true;
    input = "n\n";
    assertThat(run("evict", "hub/team/app:v1")).isEqualTo(1);
    assertThat(out.toString()).endsWith("1 image, 625. Evict? [y/N] ");
    assertThat(run("ls", "hub/team/app")).isZero();

    input = "";
    assertThat(run("evict", "hub/team/app:v1")).isEqualTo(1);

    input = "y\n";
    assertThat(run("evict", "hub/team/app:v1")).isZero();
    assertThat(lines().getLast()).endsWith("1 image, 625 left");
    assertThat(run("ls", "hub/team/app")).isEqualTo(1);
  }

  @Test
  void withoutATerminalEvictWantsToBeToldTwice() {
    assertThat(run("evict", "hub/**")).isEqualTo(2);

    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "weir: nobody can be asked: --yes or --dry-run is needed (see weir evict --help)");
    assertThat(run("evict", "--yes", "hub/**")).isZero();
  }

  @Test
  void evictSaysWhyNothingGoes() {
    assertThat(run("evict", "--yes", "hub/no/such")).isEqualTo(1);
    assertThat(err.toString()).isEqualToIgnoringNewLines("weir: nothing here matches hub/no/such");

    assertThat(run("evict", "--yes", "hub/team/app", "hub/library/base")).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines("weir: all that matches hub/library/base is pinned");
    assertThat(run("ls", "hub/team/app")).as("not even the other one").isZero();
  }

  @Test
  void evictIsJsonOnDemand() {
    assertThat(run("evict", "--json", "--yes", "hub/team/app")).isZero();

    assertThat(json().at("/0/images/0/reference").asString()).isEqualTo("hub/team/app:v1");
    assertThat(json().at("/0/dryRun").asBoolean()).isFalse();
  }

  // pin

  @Test
  void pinKeepsListsAndLetsGo() {
    assertThat(run("pin", "hub/team/*:v1", "other/**")).isZero();

    assertThat(run("pin", "--list")).isZero();
    assertThat(lines())
        .containsExactly(
            "PATTERN         SOURCE",
            "hub/library/**  configuration",
            "hub/team/*:v1   added",
            "other/**        added");
    assertThat(run("evict", "--yes", "hub/team/app")).isEqualTo(1);

    assertThat(run("pin", "--remove", "other/**", "hub/team/*:v1")).isZero();
    assertThat(run("pin", "--list", "--json")).isZero();
    assertThat(json()).hasSize(1);
  }

  @Test
  void aPinOfTheConfigurationStays() {
    assertThat(run("pin", "--remove", "hub/library/**")).isEqualTo(1);

    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "weir: hub/library/** is pinned by the configuration; it can go only from there");
  }

  @ParameterizedTest
  @CsvSource({
    "pin, a PATTERN is missing",
    "pin --remove, a PATTERN is missing",
    "pin --list hub/**, --list takes no PATTERN",
    "pin --list --remove, mutually exclusive",
    "evict, Missing required parameter: 'PATTERN'",
    "warm, an IMAGE is missing",
    "warm --platform, Missing required parameter for option '--platform'",
    "ls a b, Unmatched argument",
    "scrub --bandwidth 80%, expected a size such as 20Mi",
    "scrub --bandwidth 0, expected a size such as 20Mi",
    "scrub --bandwidth fast, expected a size such as 20Mi",
    "ls --admin ftp://x, --admin has to be a URL",
    "ls --admin http://x/y, --admin has to be a URL",
    "ls --admin ::, --admin has to be a URL",
  })
  void wrongUsageIsStatus2(String arguments, String message) {
    assertThat(run(arguments.split(" "))).isEqualTo(2);

    assertThat(err.toString()).contains(message);
  }

  // gc

  @Test
  void gcShowsWhatHasExpiredInItsOrder() throws IOException {
    pull("team/other", "v2");
    clock.advance(Duration.ofDays(8));
    pull("team/fresh", "v3");

    assertThat(run("gc", "--dry-run")).isZero();
    assertThat(lines())
        .satisfiesExactly(
            titles -> assertThat(titles).startsWith("IMAGE"),
            first -> assertThat(first).matches("hub/team/app:v1 +8d ago  ttl .*"),
            second -> assertThat(second).matches("hub/team/other:v2 +8d ago  ttl .*"),
            sum -> assertThat(sum).matches("2 images, \\S+ would leave"));

    assertThat(run("gc", "--json")).isZero();
    assertThat(json().path("count").asInt()).isEqualTo(2);
    assertThat(run("gc")).isZero();
    assertThat(lines()).containsExactly("0 images, 0 left");
  }

  // warm

  private int asked(String repository) {
    return upstream.count("GET", "/v2/" + repository + "/.*");
  }

  @Test
  void warmFetchesWhatNobodyHasPulled() {
    upstream.image("team/cold", "v1", "cold".getBytes(StandardCharsets.UTF_8));

    assertThat(run("warm", "hub/team/cold:v1", "hub/team/app:v1")).isZero();

    assertThat(lines()).singleElement().asString().matches("2 images, [0-9.]+Ki, all here");
    assertThat(asked("team/cold")).isEqualTo(3);
    upstream.goOffline();
    assertThat(run("warm", "hub/team/cold:v1")).isZero();
  }

  @Test
  void warmTakesAListFromAFileOrFromStandardInput() throws IOException {
    upstream.image("team/cold", "v1", new byte[10]);
    upstream.image("team/cold", "v2", new byte[20]);
    Path list =
        Files.writeString(
            folder.resolve("images"),
            "# what the night shift needs\n\n  hub/team/cold:v1  # and its layers\r\n");
    input = "hub/team/cold:v2";

    assertThat(run("warm", "-f", list.toString(), "hub/team/app:v1", "--json")).isZero();
    assertThat(json().path("images")).hasSize(2);
    assertThat(json().at("/images/1/reference").asString()).isEqualTo("hub/team/cold:v1");
    assertThat(json().path("failed").asInt()).isZero();
    assertThat(run("warm", "-f", "-")).isZero();
    assertThat(asked("team/cold")).isEqualTo(6);
  }

  @Test
  void warmSaysWhichImagesCannotBeHadAndFails() {
    assertThat(run("warm", "hub/team/app:v9", "hub/team/app:v1", "hab/team/app:v1")).isEqualTo(1);

    assertThat(lines())
        .satisfiesExactly(
            titles -> assertThat(titles).matches("IMAGE +FAILED"),
            tag -> assertThat(tag).matches("hub/team/app:v9 +hub: answered 404.*"),
            name ->
                assertThat(name)
                    .matches("hab/team/app:v1 +no upstream \"hab\" is configured; did you.*"),
            sum -> assertThat(sum).matches("3 images, [0-9.]+Ki, 2 failed"));
  }

  @Test
  void aListThatIsLongerThanAJobTakesSeveral() throws IOException {
    Path list = folder.resolve("images");
    Files.write(list, Collections.nCopies(2500, "hub/team/app:v1"));

    assertThat(run("warm", "--file", list.toString(), "--platform", "linux/amd64")).isZero();

    assertThat(lines()).singleElement().asString().startsWith("2,500 images, ");
    assertThat(JSON.readTree(Http.get(weir.adminPort(), "/api/v1/jobs").body()).path("jobs"))
        .hasSize(3);
  }

  @Test
  void aListThatIsNoneIsSaidToBeNone() throws IOException {
    assertThat(run("warm", "-f", folder.resolve("none").toString())).isEqualTo(1);
    assertThat(err.toString()).startsWith("weir: there is no file ");
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThat(run("warm", "-f", binary.toString())).isEqualTo(1);
    assertThat(err.toString()).startsWith("weir: " + binary + " cannot be read");
    Path empty = Files.writeString(folder.resolve("empty"), "# nothing\n");
    assertThat(run("warm", "-f", empty.toString())).isEqualTo(2);
    assertThat(err.toString()).startsWith("weir: there is no image in " + empty);
    assertThat(run("warm", "--platform", "amd64", "hub/team/app:v1")).isEqualTo(1);
    assertThat(err.toString()).startsWith("weir: platforms has to be");
  }

  // scrub

  /** Flips a bit of the largest file, which is a layer that both images share. */
  private void damage() throws IOException {
    Path blobs = folder.resolve("store").resolve("blobs").resolve("sha256");
    try (Stream<Path> files = Files.list(blobs)) {
      for (Path file : files.toList()) {
        byte[] content = Files.readAllBytes(file);
        if (content.length == 3000) {
          content[7]++;
          Files.write(file, content);
        }
      }
    }
  }

  @Test
  void scrubOfWhatIsSoundIsOneLine() {
    assertThat(run("scrub", "--bandwidth", "1Gi")).isZero();

    assertThat(lines()).containsExactly("4.2Ki read in 7 files: 0 damaged, 0 missing");
  }

  @Test
  void scrubFailsWhereDamageWasFoundAndNotRepaired() throws IOException {
    damage();
    assertThat(run("scrub")).isEqualTo(1);
    assertThat(lines())
        .satisfiesExactly(
            titles -> assertThat(titles).startsWith("DIGEST"),
            damage ->
                assertThat(damage)
                    .matches(
                        "sha256:[0-9a-f]{64} +2\\.9Ki +hub/library/base, hub/team/app .* no: .*"),
            sum -> assertThat(sum).endsWith("1 damaged, 0 missing"));
    assertThat(run("ls", "hub/team/app")).isZero();
    assertThat(lines().getLast()).endsWith("incomplete");
  }

  @Test
  void scrubRepairsOnDemand() throws IOException {
    damage();
    assertThat(run("scrub", "--repair", "--json")).isZero();
    assertThat(json().path("count").asInt()).isEqualTo(1);
    assertThat(json().path("unrepaired").asInt()).isZero();
    assertThat(run("scrub")).isZero();
  }

  @Test
  void aScrubInTheBackgroundOnlyBegins() {
    assertThat(run("scrub", "--background", "--bandwidth", "1")).isZero();
    assertThat(lines()).containsExactly("/api/v1/jobs/1");

    assertThat(run("scrub")).isEqualTo(1);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines("weir: a scrub job runs already: /api/v1/jobs/1");
  }

  // The server.

  @Test
  void whereNothingAnswersOneLineSaysWhatToDo() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    List<List<String>> commands =
        List.of(
            List.of("ls"),
            List.of("df"),
            List.of("status"),
            List.of("gc"),
            List.of("warm", "a/b"),
            List.of("pin", "--list"),
            List.of("evict", "--yes", "a/b"));
    for (List<String> command : commands) {
      List<String> arguments = new ArrayList<>(command);
      arguments.addAll(List.of("--admin", "127.0.0.1:" + closed));

      assertThat(run(arguments.toArray(String[]::new))).isEqualTo(1);

      assertThat(err.toString())
          .isEqualToIgnoringNewLines(
              "weir: nothing answers at http://127.0.0.1:%d: is weir serve running? --admin names another address"
                  .formatted(closed));
      assertThat(out.toString()).isIn("", "[");
    }
  }

  @Test
  void anEmptyVariableIsNone() {
    environment.put("WEIR_TOKEN_FILE", "");

    assertThat(run("ls")).isZero();
  }

  @Test
  void whatIsNoAdminListenerIsSaidToBeNone() {
    assertThat(run("ls", "--admin", "http://127.0.0.1:" + weir.port())).isEqualTo(1);

    assertThat(err.toString())
        .startsWith("weir: what answers at http://127.0.0.1:" + weir.port() + " is not Weir's");
  }

  @Test
  void theTokenComesFromAFile() throws IOException {
    Path token = Files.writeString(folder.resolve("token"), "s3cret\n");
    Path wrong = Files.writeString(folder.resolve("wrong"), "guess");
    weir.close();
    weir =
        WeirServer.in(folder.resolve("store"))
            .clock(clock)
            .adminToken(token)
            .upstream("hub", upstream.url())
            .start();
    environment.put("WEIR_ADMIN", "127.0.0.1:" + weir.adminPort());

    assertThat(run("ls")).isEqualTo(1);
    assertThat(err.toString()).contains("wants a token", "--token-file");
    assertThat(run("ls", "--token-file", wrong.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("does not take this token").doesNotContain("guess");
    assertThat(run("ls", "--token-file", folder.resolve("none").toString())).isEqualTo(1);
    assertThat(err.toString()).contains("there is no token file");
    assertThat(run("ls", "--token-file", token.toString())).isZero();
    environment.put("WEIR_TOKEN_FILE", token.toString());
    assertThat(run("ls")).isZero();
  }
}
