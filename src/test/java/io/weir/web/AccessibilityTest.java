package io.weir.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.weir.oci.Digest;
import io.weir.testing.Http;
import io.weir.testing.real.RealTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What axe finds in each view and each dialog, with something in it. It sees a third or so of what
 * keeps people out, such as too little contrast and controls without a name; WebPageTest goes
 * through the page by keyboard.
 */
@RealTest
@Timeout(180)
class AccessibilityTest extends PageTest {

  private static final Set<String> GRAVE = Set.of("serious", "critical");
  private static final int MIB = 1 << 20;

  /** Nobody listens there. */
  private static final URI NOWHERE = URI.create("http://127.0.0.1:9");

  @BeforeEach
  void start() throws IOException {
    upstream.image("team/app", "v1", new byte[300_000]);
    upstream.image("team/tool", "2.0", new byte[300_000], new byte[5000]);
    weir = server().pin("hub/team/tool").upstream("away", NOWHERE).start();
    pull("hub/team/app", "v1");
    pull("hub/team/tool", "2.0");
    assertThat(Http.get(weir.port(), "/v2/away/team/app/manifests/v1").status()).isEqualTo(502);
    look(new Browser.NewContextOptions());
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
    weir = server().adminToken(Files.writeString(folder.resolve("token"), "secret")).start();
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(colors));
    visit("overview");
    page.getByLabel("Token").fill("a wrong one");
    page.keyboard().press("Enter");
    assertThat(page.getByRole(AriaRole.ALERT)).isVisible();
    check("sign in");
  }

  private void see(String view, String content) {
    visit(view);
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
