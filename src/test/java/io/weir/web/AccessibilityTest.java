package io.weir.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Chromium;
import io.weir.testing.real.RealTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What axe finds in each view and each dialog, with something in it. It sees a third or so of what
 * keeps people out, such as too little contrast and controls without a name; WebPageTest goes
 * through the page by keyboard.
 */
@RealTest
@Timeout(180)
class AccessibilityTest {

  private static final Set<String> GRAVE = Set.of("serious", "critical");
  private static final int MIB = 1 << 20;

  /** Nobody listens there. */
  private static final URI NOWHERE = URI.create("http://127.0.0.1:9");

  @AutoClose private static Chromium chromium;

  @TempDir private Path folder;
  @AutoClose private final ScriptedUpstream upstream = ScriptedUpstream.start();
  @AutoClose private WeirServer weir;

  @SuppressWarnings("NullAway.Init") // before each test
  private Chromium.Tab tab;

  @SuppressWarnings("NullAway.Init") // before each test
  private Page page;

  @BeforeAll
  static void startBrowser() {
    chromium = Chromium.start();
  }

  @BeforeEach
  void start() throws IOException {
    upstream.image("team/app", "v1", new byte[300_000]);
    upstream.image("team/tool", "2.0", new byte[300_000], new byte[5000]);
    weir =
        WeirServer.in(folder.resolve("store"))
            .timeouts(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(60))
            .pin("hub/team/tool")
            .upstream("hub", upstream.url())
            .upstream("away", NOWHERE)
            .start();
    new ImagePull(weir).pull("hub/team/app", "v1");
    new ImagePull(weir).pull("hub/team/tool", "2.0");
    assertThat(Http.get(weir.port(), "/v2/away/team/app/manifests/v1").status()).isEqualTo(502);
    tab = chromium.open();
    page = tab.page();
  }

  @AfterEach
  void close() {
    tab.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = ColorScheme.class,
      names = {"LIGHT", "DARK"})
  void nothingKeepsPeopleOut(ColorScheme colors) throws Exception {
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(colors));
    Digest layer = upstream.putRandomBlob(4 * MIB, 1);
    CountDownLatch goesOn = new CountDownLatch(1);
    upstream.on("GET", ".*/blobs/" + layer).stallAfter(MIB, goesOn);
    try (Http.Stream client = Http.open(weir.port(), "GET", "/v2/hub/team/big/blobs/" + layer)) {
      assertThat(client.status()).isEqualTo(200);
      see("transfers", "tbody tr");
      goesOn.countDown();
    }
    see("overview", "tbody tr");
    see("upstreams", ".card");
    see("clients", "main select");
    page.getByPlaceholder("as configured, or HOST:PORT").fill("weir.example.net:5000");
    assertThat(page.locator(".file").first()).isVisible();
    check("clients with files");
    see("events", ".log tbody tr");
    see("jobs", ".empty");
    button("Look").click();
    assertThat(page.locator("tbody tr")).containsText("would leave");
    check("jobs with one");
    see("images", "tbody tr");
    for (String name : List.of("Warm …", "Pins …", "Evict …")) {
      button(name).click();
      check(name);
      page.keyboard().press("Escape");
      assertThat(page.getByRole(AriaRole.DIALOG)).hasCount(0);
    }
    page.getByText("hub/team/app:v1").first().click();
    assertThat(page.locator("dialog tbody tr").first()).isVisible();
    check("an image");
    page.locator("dialog").getByText("Evict …").click();
    assertThat(page.getByText("would leave")).isVisible();
    check("evict an image");
  }

  @ParameterizedTest
  @EnumSource(
      value = ColorScheme.class,
      names = {"LIGHT", "DARK"})
  void nothingKeepsPeopleFromSigningIn(ColorScheme colors) throws IOException {
    weir.close();
    weir =
        WeirServer.in(folder.resolve("store"))
            .adminToken(Files.writeString(folder.resolve("token"), "secret"))
            .upstream("hub", upstream.url())
            .start();
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(colors));
    page.navigate("http://127.0.0.1:%d/".formatted(weir.adminPort()));
    page.getByLabel("Token").fill("a wrong one");
    page.keyboard().press("Enter");
    assertThat(page.getByRole(AriaRole.ALERT)).isVisible();
    check("sign in");
  }

  private Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private void see(String view, String content) {
    page.navigate("http://127.0.0.1:%d/#/%s".formatted(weir.adminPort(), view));
    assertThat(page.locator(content).first()).isVisible();
    check(view);
  }

  private void check(String where) {
    List<String> grave =
        new AxeBuilder(page)
            .analyze().getViolations().stream()
                .filter(violation -> GRAVE.contains(violation.getImpact()))
                .map(AccessibilityTest::text)
                .toList();
    assertThat(grave).as(where).isEmpty();
  }

  private static String text(Rule violation) {
    return "%s: %s%n%s".formatted(violation.getId(), violation.getHelp(), violation.getNodes());
  }
}
