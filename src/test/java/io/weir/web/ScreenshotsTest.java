package io.weir.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.weir.config.Size;
import io.weir.oci.Digest;
import io.weir.testing.FakeClock;
import io.weir.testing.Http;
import io.weir.testing.Operators;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Chromium;
import io.weir.testing.real.RealTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Takes the pictures of docs/web.md: a server that has been in use for a while, as far as a test
 * can have been. Only the hour of history is made up, which would take an hour.
 */
@RealTest
@Timeout(600)
@EnabledIfSystemProperty(
    named = "weir.docs",
    matches = "write",
    disabledReason = "-Dweir.docs=write takes the pictures anew")
class ScreenshotsTest {

  private static final Path FOLDER = Path.of("docs", "images");
  private static final int WIDTH = 1280;
  private static final int HEIGHT = 800;

  /** Rows of text make a picture large, and one is like another. */
  private static final int FEW_ROWS_HEIGHT = 540;

  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final URI NOWHERE = URI.create("http://127.0.0.1:9");

  @TempDir private Path data;
  private final FakeClock clock = new FakeClock();
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private Chromium chromium;
  @AutoClose private WeirServer weir;
  private final List<Http.Stream> clients = new ArrayList<>();
  private Chromium.Tab tab;
  private Page page;

  @BeforeEach
  void start() throws IOException {
    chromium = Chromium.start();
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.INFO);
    fill();
    upstream
        .on("*", "/v2/library/.*/manifests/.*")
        .header("ratelimit-limit", "100;w=21600")
        .header("ratelimit-remaining", "76;w=21600");
    weir =
        WeirServer.in(data)
            .clock(clock)
            .limits(new Size.Bytes(2L << 30), new Size.Bytes(0))
            .timeouts(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(120))
            .prefetch(2)
            .ttl(Duration.ofDays(30))
            .pin("registry.k8s.io/**")
            .upstream("docker.io", upstream.url())
            .upstream("quay.io", upstream.url())
            .upstream("ghcr.io", upstream.url())
            .upstream("registry.k8s.io", upstream.url())
            .upstream("lab", NOWHERE)
            .start();
    use();
    tab =
        chromium.open(
            new Browser.NewContextOptions().setViewportSize(WIDTH, HEIGHT).setTimezoneId("UTC"));
    page = tab.page();
  }

  private void fill() {
    DemoRegistry demo = new DemoRegistry(upstream);
    Digest debian = demo.layer(28_700);
    Digest alpine = demo.layer(3_620);
    demo.image("library/nginx", "1.27", List.of(debian), 40_600, 1);
    demo.image("library/postgres", "17", List.of(debian), 4_500, 98_000);
    demo.image("library/redis", "7.4", List.of(debian), 1_100, 15_300);
    demo.image("library/alpine", "3.20", List.of(alpine));
    demo.image("library/traefik", "v3.2", List.of(alpine), 46_200);
    demo.image("library/python", "3.13", List.of(debian), 24_000, 64_000, 6_200);
    demo.image("prometheus/prometheus", "v3.0.1", List.of(), 770, 52_400, 48_100);
    demo.image("prometheus/node-exporter", "v1.8.2", List.of(), 770, 9_800);
    demo.image("cilium/cilium", "v1.16.4", List.of(), 27_300, 88_000);
    demo.image("fluxcd/source-controller", "v1.4.1", List.of(alpine), 25_400);
    demo.image("coredns/coredns", "v1.12.0", List.of(), 104, 18_700);
    demo.image("pause", "3.10", List.of(), 308);
    demo.image("etcd", "3.5.16-0", List.of(), 104, 56_200);
  }

  private void use() throws IOException {
    ImagePull pull = new ImagePull(weir);
    pull.pull("quay.io/cilium/cilium", "v1.16.4");
    pull.pull("registry.k8s.io/etcd", "3.5.16-0");
    pull.pull("registry.k8s.io/coredns/coredns", "v1.12.0");
    pull.pull("registry.k8s.io/pause", "3.10");
    clock.advance(Duration.ofHours(75));
    pull.pull("docker.io/library/postgres", "17");
    pull.pull("quay.io/prometheus/node-exporter", "v1.8.2");
    clock.advance(Duration.ofHours(20));
    pull.pull("quay.io/prometheus/prometheus", "v3.0.1");
    pull.pull("ghcr.io/fluxcd/source-controller", "v1.4.1");
    pull.pull("docker.io/library/alpine", "3.20");
    clock.advance(Duration.ofMinutes(190));
    pull.pull("docker.io/library/redis", "7.4");
    pull.pull("docker.io/library/traefik", "v3.2");
    for (int node = 0; node < 12; node++) {
      pull.pull("docker.io/library/nginx", "1.27");
      pull.pull("registry.k8s.io/pause", "3.10");
    }
    assertThat(Http.get(weir.port(), "/v2/lab/team/app/manifests/v1").status()).isEqualTo(502);
    Operators operators = new Operators(weir.adminPort());
    JsonNode _ = operators.run("{\"kind\":\"gc\",\"dryRun\":true}");
    JsonNode _ = operators.run("{\"kind\":\"scrub\"}");
    clock.advance(Duration.ofMinutes(4));
    JsonNode _ =
        operators.run(
            "{\"kind\":\"warm\",\"images\":[\"docker.io/library/alpine:3.20\",\"lab/team/app:v1\"]}");
  }

  /** Two clients of an image that is on its way, and one that is slow. */
  private void beginPulls() throws IOException, InterruptedException {
    upstream.bytesPerSecond(900L * KIB);
    JsonNode index = document("docker.io/library/python", "3.13");
    JsonNode manifest =
        document("docker.io/library/python", index.at("/manifests/0/digest").asString());
    for (int client = 0; client < 2; client++) {
      clients.add(blob("docker.io/library/python", manifest.at("/layers/1/digest")));
      clients.add(blob("docker.io/library/python", manifest.at("/layers/2/digest")));
    }
    JsonNode postgres = document("docker.io/library/postgres", "17");
    JsonNode stored =
        document("docker.io/library/postgres", postgres.at("/manifests/0/digest").asString());
    Http.Stream slow = blob("docker.io/library/postgres", stored.at("/layers/2/digest"));
    clients.add(slow);
    for (Http.Stream client : clients) {
      Thread _ =
          Thread.ofVirtual().start(() -> read(client, client == slow ? 30 * MIB : Long.MAX_VALUE));
    }
  }

  private JsonNode document(String repository, String reference) throws IOException {
    return JsonMapper.shared()
        .readTree(
            Http.get(weir.port(), "/v2/%s/manifests/%s".formatted(repository, reference)).body());
  }

  private Http.Stream blob(String repository, JsonNode digest) throws IOException {
    return Http.open(
        weir.port(), "GET", "/v2/%s/blobs/%s".formatted(repository, digest.asString()));
  }

  private static void read(Http.Stream stream, long bytesMax) {
    byte[] buffer = new byte[1 << 16];
    try {
      long read = 0;
      while (read < bytesMax) {
        int count = stream.read(buffer);
        if (count < 0) {
          return;
        }
        read += count;
      }
    } catch (IOException e) {
      return; // the test is over
    }
  }

  @Test
  void picturesOfEachViewInBothThemes() throws Exception {
    beginPulls();
    page.clock().setFixedTime(Date.from(clock.instant()));
    page.route("**/api/v1/history", this::history);
    for (ColorScheme colors : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(colors));
      takeAll(colors.name().toLowerCase(Locale.ROOT));
    }
    assertThat(tab.complaints()).isEmpty();
    for (Http.Stream client : clients) {
      client.close();
    }
  }

  private void takeAll(String theme) {
    show("transfers", page.getByText(Pattern.compile("\\d\\s(K|M)iB/s")));
    take("transfers", theme);
    show("overview", page.locator("svg .line"));
    nameFolder();
    take("overview", theme);
    page.setViewportSize(WIDTH, FEW_ROWS_HEIGHT);
    show("images", page.locator(".rows tbody tr"));
    take("images", theme);
    page.setViewportSize(WIDTH, HEIGHT);
    page.getByRole(
            AriaRole.LINK, new Page.GetByRoleOptions().setName("docker.io/library/nginx:1.27"))
        .click();
    assertThat(page.locator("dialog tbody tr").first()).isVisible();
    takeDialog("image", theme);
    page.locator("dialog").getByText("Evict …").click();
    assertThat(page.getByText("would leave")).isVisible();
    takeDialog("evict", theme);
    page.keyboard().press("Escape");
    page.keyboard().press("Escape");
    show("upstreams", page.locator(".card"));
    page.getByText("Try now").first().click();
    assertThat(page.getByText(Pattern.compile("answered"))).isVisible();
    take("upstreams", theme);
    show("clients", page.getByPlaceholder("as configured, or HOST:PORT"));
    page.getByPlaceholder("as configured, or HOST:PORT").fill("weir.example.net:5000");
    page.locator(".file").first().waitFor();
    take("clients", theme);
    show("jobs", page.locator("tbody tr"));
    take("jobs", theme);
    show("events", page.locator(".log tbody tr"));
    take("events", theme);
  }

  /** The folder of a test is nothing to show. */
  private void nameFolder() {
    Object _ =
        page.locator("dt:text-is(\"Folder\") + dd code")
            .evaluate(
                "code => code.childNodes.forEach(node => { if (node.data?.startsWith('/')) node.data = '/var/lib/weir' })");
  }

  private void show(String view, Locator content) {
    page.navigate("http://127.0.0.1:%d/#/%s".formatted(weir.adminPort(), view));
    content.first().waitFor();
  }

  private void take(String name, String theme) {
    byte[] _ = page.screenshot(new Page.ScreenshotOptions().setPath(file(name, theme)));
  }

  /** Of the dialog that was opened last. */
  private void takeDialog(String name, String theme) {
    byte[] _ =
        page.locator("dialog")
            .last()
            .screenshot(new Locator.ScreenshotOptions().setPath(file(name, theme)));
  }

  private static Path file(String name, String theme) {
    return FOLDER.resolve("web-%s-%s.png".formatted(name, theme));
  }

  /**
   * Its counters end where the server's are; earlier ones are below zero, but differ as they
   * should.
   */
  private void history(Route route) {
    Instant now = clock.instant();
    JsonNode last;
    try {
      last = new Operators(weir.adminPort()).status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    double requests = last.at("/requests/total").asLong();
    double hits = last.at("/requests/hits").asLong();
    double sent = last.at("/requests/sentBytes").asLong();
    double received = last.at("/requests/receivedBytes").asLong();
    double used = last.at("/store/usedBytes").asLong();
    List<String> samples = new ArrayList<>();
    for (int ago = 0; ago < 360; ago++) {
      samples.addFirst(
          """
          {"at":"%s","requests":%d,"hits":%d,"errors":0,"sentBytes":%d,"receivedBytes":%d,"transfers":3,"usedBytes":%d}\
          """
              .formatted(
                  now.minusSeconds(10L * ago),
                  (long) requests,
                  (long) hits,
                  (long) sent,
                  (long) received,
                  (long) used));
      double wave = 1 + 0.5 * Math.sin(ago / 23.0) + 0.25 * Math.sin(ago / 3.1);
      double burst = ago > 120 && ago < 150 ? 2.5 : ago > 250 && ago < 262 ? 4 : 0;
      requests -= 180 * wave + 160 * burst;
      hits -= 174 * wave + 128 * burst;
      sent -= 310e6 * wave + 400e6 * burst;
      received -= 8e6 * wave + 130e6 * burst;
      used -= burst == 0 ? 0.02e6 : 6e6;
    }
    route.fulfill(
        new Route.FulfillOptions()
            .setContentType("application/json")
            .setBody("{\"step\":\"PT10S\",\"samples\":[%s]}".formatted(String.join(",", samples))));
  }
}
