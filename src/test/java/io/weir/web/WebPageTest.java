package io.weir.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.weir.config.Config;
import io.weir.config.MachineName;
import io.weir.oci.Digest;
import io.weir.oci.ImagePattern;
import io.weir.oci.MediaType;
import io.weir.testing.Http;
import io.weir.testing.Operators;
import io.weir.testing.TestCertificates;
import io.weir.testing.Users;
import io.weir.testing.WeirServer;
import io.weir.testing.real.RealTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The web page in a real browser, with a real server behind it and real pulls under way. */
@RealTest
class WebPageTest extends PageTest {

  private static final int MIB = 1 << 20;
  private static final String ROWS = "table.rows tbody:not(.spacer) tr";

  @BeforeEach
  void start() throws IOException {
    Digest base =
        upstream.putBlob("the layer of both".repeat(5000).getBytes(StandardCharsets.UTF_8));
    Digest own = upstream.putBlob(new byte[300_000]);
    upstream.imageOf("team/app", "v1", base, own);
    upstream.imageOf("team/tool", "2.0", base);
    upstream.image("library/base", "latest", new byte[5000]);
    weir = server().start();
    look(new Browser.NewContextOptions());
  }

  @Override
  WeirServer.Builder server() {
    return super.server().upstream("other", upstream.url());
  }

  private void lookAnew(Browser.NewContextOptions options) {
    tab.close();
    look(options);
  }

  @AfterEach
  void theBrowserHadNothingToComplainOf() {
    List<String> complaints = tab.complaints();
    List<String> elsewhere =
        tab.requests().stream().filter(url -> !url.startsWith("http://127.0.0.1:")).toList();
    assertThat(complaints).isEmpty();
    assertThat(elsewhere).as("what was asked of others").isEmpty();
  }

  private void open(String view) {
    visit(view);
    assertThat(page.locator(".connection")).hasText("live");
  }

  private Locator link(String name) {
    return page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  /** Of the dialog that was opened last. */
  private Locator inDialog(String button) {
    return page.getByRole(AriaRole.DIALOG)
        .last()
        .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(button).setExact(true));
  }

  private Locator row(String text) {
    return page.locator("tbody tr").filter(new Locator.FilterOptions().setHasText(text));
  }

  /** What stands beside a name. */
  private Locator fact(String name) {
    return page.locator("dt:text-is(\"%s\") + dd".formatted(name));
  }

  private Locator toast() {
    return page.locator(".toast");
  }

  // what each view shows

  @Test
  void theOverviewSaysWhatWasPulledAndSaved() throws IOException {
    upstream.on("GET", "/v2/team/app/manifests/.*").header("ratelimit-remaining", "97;w=21600");
    pull("hub/team/app", "v1");
    pull("hub/team/app", "v1");
    open("overview");

    assertThat(fact("Requests")).hasText("8");
    assertThat(fact("Hit ratio")).hasText("50.0 %");
    assertThat(page.locator("dt:text-is(\"Hit ratio\") ~ dd").last()).hasText("4 of 8 answers");
    assertThat(fact("Sent to clients")).hasText(Pattern.compile("\\d+\\sKiB"));
    assertThat(fact("Content")).containsText("in 4 files");
    assertThat(fact("Folder")).hasText(folder.resolve("store").toString());
    assertThat(row("hub")).containsText("up");
    assertThat(row("hub")).containsText("97");
  }

  @Test
  void theOverviewFollowsWhatIsPulledWhileSomebodyLooks() throws IOException {
    open("overview");
    assertThat(fact("Requests")).hasText("0");
    assertThat(page.getByText("Nothing has been pulled through here yet.")).isVisible();

    pull("hub/team/app", "v1");

    assertThat(fact("Requests")).hasText("4");
    assertThat(page.getByText("Nothing has been pulled through here yet.")).hasCount(0);
  }

  @Test
  void aPullMovesOnThePageWhileItRuns() throws Exception {
    Digest layer = upstream.putRandomBlob(32 * MIB, 1);
    upstream.bytesPerSecond(4 * MIB);
    String path = "/v2/hub/team/big/blobs/" + layer;
    open("transfers");
    assertThat(page.getByText("Nothing is on its way.")).isVisible();
    try (Http.Stream client = Http.open(weir.port(), "GET", path);
        Http.Stream other = Http.open(weir.port(), "GET", path)) {
      Thread reader = Thread.ofVirtual().start(() -> read(client));
      Thread otherReader = Thread.ofVirtual().start(() -> read(other));
      Locator fetch = page.getByRole(AriaRole.REGION).first().locator("tbody tr");
      assertThat(fetch).containsText("hub/team/big");
      assertThat(fetch).containsText(layer.toString().substring(0, 19));
      assertThat(fetch.locator("td").nth(3)).hasText("2");
      assertThat(fetch).containsText(Pattern.compile("\\d\\s(K|M)iB/s"));

      Locator bar = fetch.getByRole(AriaRole.PROGRESSBAR);
      for (int i = 0; i < 3; i++) {
        double before = value(bar);
        page.waitForCondition(() -> value(bar) > before);
      }
      Locator answers = page.getByRole(AriaRole.REGION).last().locator("tbody tr");
      assertThat(answers).hasCount(2);
      assertThat(answers.filter(new Locator.FilterOptions().setHasText("miss"))).hasCount(1);
      assertThat(answers.filter(new Locator.FilterOptions().setHasText("collapsed"))).hasCount(1);
      assertThat(answers.first()).containsText("127.0.0.1");

      upstream.bytesPerSecond(0);
      reader.join();
      otherReader.join();
      assertThat(client.whole()).isTrue();
      assertThat(page.getByText("Nothing is on its way.")).isVisible();
    }
  }

  private static void read(Http.Stream stream) {
    try {
      byte[] _ = stream.readToEnd();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double value(Locator bar) {
    return ((Number) bar.evaluate("bar => bar.value")).doubleValue();
  }

  @Test
  void imagesAreFoundByWordsUpstreamAndRepository() throws IOException {
    pull("hub/team/app", "v1");
    pull("hub/team/tool", "2.0");
    pull("other/team/app", "v1");
    open("images");
    assertThat(page.locator(ROWS)).hasCount(3);
    assertThat(row("hub/team/tool:2.0")).containsText("linux/amd64");
    assertThat(page.getByText("3 images")).isVisible();

    page.getByLabel("Search").fill("amd64 TOOL");
    assertThat(page.locator(ROWS)).hasCount(1);
    assertThat(page.locator(ROWS)).containsText("hub/team/tool:2.0");
    assertThat(page).hasURL(Pattern.compile("search=amd64"));

    page.getByLabel("Search").fill("");
    page.getByLabel("Upstream").selectOption("other");
    assertThat(page.locator(ROWS)).hasCount(1);
    assertThat(page.locator(ROWS)).containsText("other/team/app:v1");

    page.getByLabel("Upstream").selectOption("");
    page.getByLabel("Repository").fill("team/app");
    assertThat(page.locator(ROWS)).hasCount(2);

    page.getByLabel("Search").fill("nothing");
    assertThat(page.getByText("No stored image is like that.")).isVisible();
    button("Show all").click();
    assertThat(page.locator(ROWS)).hasCount(3);
    assertThat(page.getByLabel("Search")).hasValue("");
  }

  @Test
  void anImageSaysWhatItSharesAndIsPinnedAndUnpinned() throws IOException {
    pull("hub/team/app", "v1");
    pull("hub/team/tool", "2.0");
    open("images");
    link("hub/team/app:v1").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);

    assertThat(dialog.getByRole(AriaRole.HEADING)).hasText("hub/team/app:v1");
    assertThat(dialog.locator("tbody tr")).hasCount(4);
    assertThat(dialog.getByText("manifest", new Locator.GetByTextOptions().setExact(true)))
        .isVisible();
    assertThat(fact("Only its own")).containsText(Pattern.compile("29\\d\\sKiB"));
    assertThat(fact("Shared")).containsText("83.0 KiB");
    dialog.getByText("1 image").click();
    assertThat(dialog.getByText("hub/team/tool:2.0")).isVisible();

    inDialog("Pin").click();
    assertThat(toast()).hasText("hub/team/app:v1 stays.");
    inDialog("Close").click();
    assertThat(row("hub/team/app:v1")).containsText("pinned");
    assertThat(page).hasURL(Pattern.compile("#/images$"));

    link("hub/team/app:v1").click();
    inDialog("Unpin").click();
    assertThat(toast()).hasText("hub/team/app:v1 may leave again.");
    inDialog("Close").click();
    assertThat(row("hub/team/app:v1")).not().containsText("pinned");
  }

  @Test
  void anImageLeavesAfterItWasSeenWhatWouldLeave() throws IOException {
    pull("hub/team/app", "v1");
    pull("hub/team/tool", "2.0");
    open("images");
    link("hub/team/app:v1").click();
    inDialog("Evict …").click();

    Locator question = page.getByRole(AriaRole.DIALOG).last();
    assertThat(question.getByRole(AriaRole.HEADING)).hasText("Evict hub/team/app:v1?");
    assertThat(question)
        .containsText(Pattern.compile("1\\simage\\s+would leave, and free\\s+29\\d\\sKiB"));
    inDialog("Cancel").click();
    assertThat(page.getByRole(AriaRole.DIALOG)).hasCount(1);
    inDialog("Close").click();
    assertThat(page.locator(ROWS)).hasCount(2);

    link("hub/team/app:v1").click();
    inDialog("Evict …").click();
    inDialog("Evict 1 image").click();
    assertThat(toast()).containsText(Pattern.compile("1\\simage left, 29\\d\\sKiB are free"));
    assertThat(page.locator(ROWS)).hasCount(1);
    assertThat(page.getByText("1 image", new Page.GetByTextOptions().setExact(true))).isVisible();
    assertThat(page.getByRole(AriaRole.DIALOG)).hasCount(0);
  }

  @Test
  void imagesOfAPatternLeaveAndWhatIsWrongIsSaidWhereItWasTyped() throws IOException {
    pull("hub/team/app", "v1");
    pull("hub/team/tool", "2.0");
    open("images");
    button("Evict …").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(inDialog("Evict")).isDisabled();

    dialog.getByLabel("Pattern").fill("alpine");
    inDialog("Show what would leave").click();
    assertThat(dialog.getByRole(AriaRole.ALERT)).containsText("alpine");
    assertThat(inDialog("Evict")).isDisabled();

    dialog.getByLabel("Pattern").fill("other/**");
    inDialog("Show what would leave").click();
    assertThat(dialog).containsText("Nothing would leave");

    dialog.getByLabel("Pattern").fill("hub/**");
    inDialog("Show what would leave").click();
    assertThat(dialog).containsText("2 images would leave");
    inDialog("Evict 2 images").click();
    assertThat(page.getByText("No image is stored yet.")).isVisible();
  }

  @Test
  void pinsAreListedAddedAndTakenBack() throws IOException {
    weir.close();
    weir = server().pin("hub/library/**").start();
    pull("hub/team/app", "v1");
    open("images");
    button("Pins …").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog).containsText("hub/library/** configuration");

    dialog.getByLabel("Pattern").fill("hub/team/*");
    inDialog("Pin").click();
    assertThat(dialog.locator("li")).hasCount(2);
    assertThat(row("hub/team/app:v1")).containsText("pinned");

    inDialog("Remove the pin hub/team/*").click();
    assertThat(dialog.locator("li")).hasCount(1);
    inDialog("Close").click();
    assertThat(row("hub/team/app:v1")).not().containsText("pinned");
  }

  @Test
  void imagesAreFetchedAheadOfNeed() throws IOException {
    open("images");
    button("Warm …").click();
    page.getByLabel("Images, one a line").fill("hub/team/app:v1\nhub/team/none:1");
    inDialog("Warm").click();

    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog).containsText("1 image is here, 1 failed.");
    assertThat(dialog.locator("li").first()).containsText("hub/team/app:v1");
    assertThat(dialog.locator("li .failure")).hasCount(1);
    inDialog("Close").last().click();
    assertThat(page.locator(ROWS)).hasCount(1);
    assertThat(row("hub/team/app:v1")).not().containsText("incomplete");
  }

  @Test
  void warmingShowsHowFarItIs() throws Exception {
    CountDownLatch goesOn = new CountDownLatch(1);
    upstream.on("GET", "/v2/team/app/blobs/.*").stallAfter(100_000, goesOn);
    open("images");
    button("Warm …").click();
    page.getByLabel("Images, one a line").fill("hub/team/app:v1");
    inDialog("Warm").click();
    Locator dialog = page.getByRole(AriaRole.DIALOG);

    assertThat(dialog.getByRole(AriaRole.PROGRESSBAR)).isVisible();
    assertThat(dialog).containsText("Fetching …");
    goesOn.countDown();
    assertThat(dialog).containsText("1 image is here.");
  }

  @Test
  void anUpstreamIsTriedAtOnce() throws IOException {
    pull("hub/team/app", "v1");
    open("upstreams");
    Locator hub =
        page.locator(".card").filter(new Locator.FilterOptions().setHas(heading("hub up")));
    assertThat(hub).containsText("in 4 files");
    assertThat(hub).containsText("asked anonymously");

    hub.getByRole(AriaRole.BUTTON).click();
    assertThat(hub.getByRole(AriaRole.STATUS)).hasText(Pattern.compile("answered\\s+in \\d+ ms"));

    upstream.goOffline();
    hub.getByRole(AriaRole.BUTTON).click();
    Locator down =
        page.locator(".card").filter(new Locator.FilterOptions().setHas(heading("hub down")));
    assertThat(down.getByRole(AriaRole.STATUS)).containsText("failed");
    assertThat(down).containsText("Last error");
  }

  private Locator heading(String name) {
    return page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName(name));
  }

  @Test
  void clientsAreToldWhatToPutWhere() {
    lookAnew(
        new Browser.NewContextOptions()
            .setPermissions(List.of("clipboard-read", "clipboard-write")));
    open("clients");
    // The API knows no port by which others could come to a server of a test.
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("expected HOST:PORT");

    page.getByPlaceholder("as configured, or HOST:PORT").fill("weir.example.net:5000");
    assertThat(page.locator(".file").first()).containsText("hosts.toml");
    assertThat(page.locator(".file").first()).containsText("weir.example.net");

    page.getByLabel("Upstream").selectOption("other");
    // It is at the same address as hub.
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("that image references can name");
    page.getByLabel("Upstream").selectOption("hub");
    assertThat(page.locator(".file").first()).containsText("weir.example.net:5000/v2/hub");

    button("Copy " + page.locator(".file h2 code").first().textContent()).click();
    assertThat(toast()).containsText("Copied: ");
    assertThat(page.evaluate("navigator.clipboard.readText()"))
        .isEqualTo(page.locator(".file pre").first().textContent());

    page.getByLabel("Runtime").selectOption("podman");
    assertThat(page.locator(".file").first()).containsText("registries.conf");
    page.getByPlaceholder("as configured, or HOST:PORT").fill("no host");
    assertThat(page.getByRole(AriaRole.ALERT)).isVisible();
  }

  /** On one's own machine, or by a port that is forwarded, the address bar says nothing of it. */
  @Test
  void theHostIsTheConfigurationsWhereTheBrowserIsOnTheServersMachine() throws IOException {
    weir.close();
    weir = server().listen("0.0.0.0").start();
    open("clients");
    Locator host = page.getByPlaceholder("as configured, or HOST:PORT");

    assertThat(host).hasValue(MachineName.current());
    assertThat(page.getByText("see that nodes reach it so")).isVisible();

    host.fill("weir.example.net:5000");
    assertThat(page.locator(".file").first()).containsText("weir.example.net");
    assertThat(page.getByText("see that nodes reach it so")).hasCount(0);
  }

  @Test
  void nodesAreToldWhomToTrustWhereTheServerSpeaksTls() throws Exception {
    open("clients");
    assertThat(page.getByLabel("CA certificates")).hasCount(0);
    weir.close();
    TestCertificates certificates =
        TestCertificates.create(folder, "server", "dns:weir.example.net");
    weir =
        server()
            .tls(new Config.Tls(certificates.certificate(), certificates.key(), Optional.empty()))
            .start();
    open("clients");
    page.getByPlaceholder("as configured, or HOST:PORT").fill("weir.example.net:5000");
    assertThat(page.getByText("no CA was given")).isVisible();

    page.getByLabel("CA certificates").fill(Files.readString(certificates.certificate()));
    assertThat(page.locator(".file pre").getByText("-----BEGIN CERTIFICATE-----").first())
        .isVisible();
    assertThat(page.getByText("no CA was given")).hasCount(0);

    page.getByLabel("CA certificates").fill(Files.readString(certificates.key()));
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("a private key, which nodes must not");
  }

  @Test
  void jobsAreBegunFollowedAndCancelled() throws IOException {
    pull("hub/team/app", "v1");
    open("jobs");
    assertThat(page.getByText("No job has run since the start.")).isVisible();

    button("Look").click();
    assertThat(row("Retention")).containsText("0 images would leave");

    button("Scrub").click();
    assertThat(row("Scrub")).containsText("in 4 files: nothing is damaged");

    // A pass that takes days.
    Http.Answer begun =
        Http.raw(
            weir.adminPort(),
            """
            POST /api/v1/jobs HTTP/1.1\r
            Host: 127.0.0.1\r
            Connection: close\r
            Content-Type: application/json\r
            Content-Length: 35\r
            \r
            {"kind":"scrub","bytesPerSecond":1}\
            """);
    assertThat(begun.status()).isEqualTo(202);
    assertThat(row("running").getByRole(AriaRole.PROGRESSBAR)).isVisible();
    button("Scrub").click();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("runs already");
    button("Cancel Scrub 3").click();
    assertThat(row("cancelled")).containsText("it was cancelled before the end");
  }

  @Test
  void theLogIsFollowedFilteredAndPaused() throws IOException {
    open("events");
    pull("hub/team/app", "v1");
    upstream.goOffline();
    assertThat(get("/v2/hub/team/none/manifests/v1").status()).isEqualTo(502);
    Locator line =
        page.locator(".log tbody tr").filter(new Locator.FilterOptions().setHasText("warn"));
    assertThat(line.first()).containsText("hub");

    page.getByLabel("Level").selectOption("ERROR");
    assertThat(line).hasCount(0);
    page.getByLabel("Level").selectOption("INFO");
    page.getByLabel("Text").fill("words that nobody logs");
    assertThat(page.getByText("No line is like that.")).isVisible();
    page.getByLabel("Text").fill("");
    button("Pause").click();
    int before = page.locator(".log tbody tr").count();

    assertThat(get("/v2/other/team/none/manifests/v1").status()).isEqualTo(502);

    assertThat(page.getByText(Pattern.compile("newer\\slines?"))).isVisible();
    assertThat(page.locator(".log tbody tr")).hasCount(before);
    button("Go on").click();
    assertThat(page.locator(".log tbody tr").first()).containsText("other");
  }

  private Http.Answer get(String path, String... headers) throws IOException {
    return Http.get(weir.port(), path, headers);
  }

  @ParameterizedTest
  @ValueSource(strings = {"transfers", "images", "jobs"})
  void aViewWithNothingToShowSaysWhatToDo(String view) {
    open(view);

    assertThat(page.locator(".empty a").first()).isVisible();
  }

  @Test
  void anAddressThatNobodyKnowsIsTheOverview() {
    open("toString");

    assertThat(page.locator("h1")).hasText("Overview");
  }

  // the connection

  @Test
  void aRestartIsSaidAndAllIsShownAnew() throws IOException {
    pull("hub/team/app", "v1");
    open("overview");
    assertThat(fact("Requests")).hasText("4");
    int port = weir.adminPort();

    weir.close();
    assertThat(page.getByText("The connection to the server is lost")).isVisible();
    assertThat(page.locator(".connection")).hasText("connection lost");
    assertThat(fact("Requests")).hasText("4");

    weir = server().adminPort(port).start();
    assertThat(toast()).containsText("The server was started anew");
    assertThat(page.locator(".connection")).hasText("live");
    assertThat(fact("Requests")).hasText("0");
    assertThat(page.getByText("The connection to the server is lost")).hasCount(0);
    pull("hub/team/app", "v1");
    assertThat(fact("Requests")).hasText("4");
  }

  @Test
  void theLogOfAServerThatWasStartedAnewIsShownFromItsBeginning() throws IOException {
    open("events");
    upstream.goOffline();
    assertThat(get("/v2/hub/team/none/manifests/v1").status()).isEqualTo(502);
    assertThat(page.locator(".log tbody tr").first()).containsText("hub");
    int port = weir.adminPort();
    weir.close();
    assertThat(page.locator(".connection")).hasText("connection lost");

    weir = server().adminPort(port).start();
    assertThat(page.locator(".connection")).hasText("live");
    assertThat(get("/v2/hub/team/none/manifests/v1").status()).isEqualTo(502);

    assertThat(page.locator(".log tbody tr").first()).containsText("hub");
  }

  // who may look

  @Test
  void aWrongTokenIsRefusedAndTheRightOneLetsIn() throws IOException {
    Path token = Files.writeString(folder.resolve("token"), "the right one\n");
    weir.close();
    weir = server().adminToken(token).start();
    page.navigate("http://127.0.0.1:%d/#/images".formatted(weir.adminPort()));
    Locator dialog = page.getByRole(AriaRole.DIALOG);
    assertThat(dialog.getByRole(AriaRole.HEADING)).hasText("Sign in");
    assertThat(page.getByLabel("Token")).isFocused();
    assertThat(page.getByLabel("Token")).hasAttribute("type", "password");

    page.keyboard().type("a wrong one");
    page.keyboard().press("Enter");
    assertThat(dialog.getByRole(AriaRole.ALERT)).hasText("This is not the server's token.");

    page.getByLabel("Token").fill("the right one");
    page.keyboard().press("Enter");
    assertThat(dialog).hasCount(0);
    assertThat(page.locator(".connection")).hasText("live");
    assertThat(page.getByText("No image is stored yet.")).isVisible();

    page.reload();
    assertThat(page.locator(".connection")).hasText("live");
    assertThat(page.evaluate("[Object.keys(localStorage), document.cookie].flat().join()"))
        .isEqualTo("");

    button("Sign out").click();
    assertThat(dialog.getByRole(AriaRole.HEADING)).hasText("Sign in");
    assertThat(page.evaluate("sessionStorage.length")).isEqualTo(0);
    assertThat(page.getByText("No image is stored yet.")).hasCount(0);
  }

  /** A token that was changed counts at once. */
  @Test
  void aTokenThatCountsNoMoreIsAskedForAgain() throws IOException {
    Path token = Files.writeString(folder.resolve("token"), "first");
    weir.close();
    weir = server().adminToken(token).start();
    page.navigate("http://127.0.0.1:%d/#/images".formatted(weir.adminPort()));
    page.getByLabel("Token").fill("first");
    page.keyboard().press("Enter");
    assertThat(page.getByText("No image is stored yet.")).isVisible();

    Files.writeString(token, "second");
    page.getByLabel("Search").fill("app");

    page.getByLabel("Token").fill("second");
    page.keyboard().press("Enter");
    assertThat(page.getByText("No stored image is like that.")).isVisible();
    assertThat(page.locator(".connection")).hasText("live");
  }

  @Test
  void anApiThatIsClosedSaysWhy() throws IOException {
    weir.close();
    weir = server().adminListen("0.0.0.0").start();
    page.navigate("http://127.0.0.1:%d/".formatted(weir.adminPort()));

    assertThat(page.getByRole(AriaRole.ALERT))
        .containsText("the API is closed until admin.token-file is configured");
    assertThat(button("Try again")).isVisible();
  }

  // what others chose

  /** An image's platform is what its config says; a user is called as the request says. */
  @Test
  void whatOthersCallThingsIsText() throws IOException {
    String hostile = "<img src=x onerror=document.title='taken'>";
    Users users = new Users(folder.resolve("users")).put("me", "secret");
    weir.close();
    weir =
        server()
            .auth(
                new Config.Auth(
                    Optional.of(users.file()),
                    Optional.of(new Config.Allowed(List.of(ImagePattern.parse("**")))),
                    Map.of()))
            .start();
    Digest config =
        upstream.putBlob(
            "{\"architecture\":\"%s\",\"os\":\"<b>linux</b>\"}"
                .formatted(hostile)
                .getBytes(StandardCharsets.UTF_8));
    String manifest =
        """
        {"schemaVersion":2,"mediaType":"%s","layers":[],
         "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d}}\
        """
            .formatted(MediaType.OCI_MANIFEST, config, upstream.sizeBytes(config));
    upstream.tag(
        "team/hostile",
        "v1",
        upstream.putManifest(
            "team/hostile", manifest.getBytes(StandardCharsets.UTF_8), MediaType.OCI_MANIFEST));
    pull("hub/team/hostile", "v1");
    assertThat(get("/v2/", Users.header(hostile, "guess")).status()).isEqualTo(401);

    open("images");
    assertThat(row("hub/team/hostile:v1")).containsText("<b>linux</b>/" + hostile);
    link("hub/team/hostile:v1").click();
    assertThat(fact("Platforms")).hasText("<b>linux</b>/" + hostile);
    inDialog("Close").click();
    open("events");
    assertThat(page.locator(".log tbody tr").first()).containsText(hostile);
    page.getByLabel("Text").fill(hostile);
    assertThat(page.locator(".log tbody tr")).hasCount(1);

    assertThat(page.locator("img[src=x]")).hasCount(0);
    assertThat(page).hasTitle("Events · Weir");
  }

  /** Should a script of somebody else's ever get into the page, it would not run. */
  @Test
  void theBrowserRunsNothingThatIsWrittenIntoThePage() {
    open("overview");

    Object refused =
        page.evaluate(
            """
            () => {
              const script = document.createElement("script");
              try {
                script.text = "document.title = 'taken'";
              } catch (error) {
                return error.name;
              }
              document.body.append(script);
              return document.title;
            }\
            """);

    assertThat(refused).isEqualTo("TypeError");
    lookAnew(new Browser.NewContextOptions()); // that has nothing to complain of
  }

  /** The list of jobs says how many; which they were is asked for when somebody wants to know. */
  @Test
  void whatCameOfAJobIsListedWhereItIsOpened() throws IOException {
    open("jobs");
    JsonNode _ =
        new Operators(weir.adminPort())
            .run("{\"kind\":\"warm\",\"images\":[\"hub/team/app:v1\",\"hub/team/none:1\"]}");
    assertThat(row("Warm")).containsText("1 image is here, 1 failed.");
    assertThat(row("Warm").locator("li")).hasCount(0);

    row("Warm").getByText("Which").click();

    assertThat(row("Warm").locator("li")).hasCount(2);
    assertThat(row("Warm").locator("li").first()).containsText("hub/team/app:v1");
    assertThat(row("Warm").locator("li .failure")).hasCount(1);
  }

  // how it looks, and how it is used

  @Test
  void theThemeIsTheSystemsUntilAnotherIsChosen() {
    lookAnew(new Browser.NewContextOptions().setColorScheme(ColorScheme.DARK));
    open("overview");
    assertThat(page.locator("html")).hasCSS("background-color", "rgb(16, 22, 28)");

    page.getByLabel("Theme").selectOption("light");
    assertThat(page.locator("html")).hasCSS("background-color", "rgb(244, 246, 248)");

    page.reload();
    assertThat(page.locator("html")).hasCSS("background-color", "rgb(244, 246, 248)");
    assertThat(page.getByLabel("Theme")).hasValue("light");
  }

  /** It flashed in the system's colours at each load, until the page's modules had come. */
  @Test
  void theChosenThemeIsThereBeforeThePageIsDrawn() {
    lookAnew(new Browser.NewContextOptions().setColorScheme(ColorScheme.DARK));
    open("overview");
    page.getByLabel("Theme").selectOption("light");

    page.navigate("about:blank");
    page.route(
        "**/app.js",
        route ->
            route.fulfill(
                new Route.FulfillOptions().setContentType("text/javascript").setBody("")));
    page.navigate("http://127.0.0.1:%d/".formatted(weir.adminPort()));

    assertThat(page.locator("html")).hasCSS("background-color", "rgb(244, 246, 248)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"overview", "transfers", "images", "upstreams", "clients", "jobs", "events"})
  void onAPhoneNothingIsWiderThanTheScreen(String view) throws IOException {
    pull("hub/team/app", "v1");
    lookAnew(new Browser.NewContextOptions().setViewportSize(390, 800));
    open(view);

    assertThat(page.locator("main > *").last()).isVisible();
    assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(390);
  }

  @Test
  void theKeyboardSuffices() throws IOException {
    pull("hub/team/app", "v1");
    pull("hub/team/tool", "2.0");
    open("overview");

    page.keyboard().press("Tab");
    assertThat(link("Skip to the content")).isFocused();
    page.keyboard().press("Enter");
    assertThat(page.locator("main")).isFocused();

    page.reload();
    tabTo(link("Images"));
    page.keyboard().press("Enter");
    assertThat(page.locator("h1")).hasText("Images");
    assertThat(page.locator("h1")).isFocused();

    tabTo(page.getByLabel("Search"));
    page.keyboard().type("tool");
    assertThat(page.locator(ROWS)).hasCount(1);
    tabTo(link("hub/team/tool:2.0"));
    page.keyboard().press("Enter");
    assertThat(page.getByRole(AriaRole.DIALOG)).isVisible();
    tabTo(inDialog("Evict …"));
    page.keyboard().press("Enter");
    assertThat(inDialog("Evict 1 image")).isEnabled();

    page.keyboard().press("Escape");
    assertThat(page.getByRole(AriaRole.DIALOG)).hasCount(1);
    assertThat(inDialog("Evict …")).isFocused();
    page.keyboard().press("Escape");
    assertThat(page.getByRole(AriaRole.DIALOG)).hasCount(0);
    assertThat(link("hub/team/tool:2.0")).isFocused();
    assertThat(page.locator(ROWS)).hasCount(1);
  }

  private void tabTo(Locator target) {
    target.waitFor();
    for (int i = 0; i < 40; i++) {
      page.keyboard().press("Tab");
      if ((boolean) target.evaluate("element => element === document.activeElement")) {
        return;
      }
    }
    throw new AssertionError(target + " is not reached by Tab");
  }

  /** The end of a line may come in two pieces, and a character, too. */
  @Test
  void eventsAreReadAsTheStandardSays() {
    open("overview");

    Object events =
        page.evaluate(
            """
            async () => {
              const { EventParser } = await import("/stream.js");
              const text = ": a comment\\nid: 1\\nevent: one\\ndata: first\\ndata:  second\\n\\n"
                + "data:no space\\r\\nretry: 5\\r\\nunknown: x\\r\\n\\r\\n"
                + "event: nothing\\n\\n"
                + "id: 7\\rdata\\rdata: é\\r\\r"
                + "id: a\\0b\\ndata: kept\\n\\n"
                + "data: never ended\\n";
              const all = [];
              for (const size of [1, 2, 3, text.length]) {
                const seen = [];
                const parser = new EventParser((...event) => seen.push(event));
                for (let i = 0; i < text.length; i += size) {
                  parser.push(text.slice(i, i + size));
                }
                all.push(JSON.stringify(seen));
              }
              return all;
            }\
            """);

    String expected =
        "[[\"one\",\"first\\n second\",\"1\"],[\"message\",\"no space\",\"1\"],"
            + "[\"message\",\"\\né\",\"7\"],[\"message\",\"kept\",\"7\"]]";
    assertThat(events).isEqualTo(List.of(expected, expected, expected, expected));
  }

  @Test
  void sizesTimesAndNumbersAreWrittenForPeople() {
    open("overview");

    Object texts =
        page.evaluate(
            """
            async () => {
              const format = await import("/format.js");
              return [
                format.bytes(0), format.bytes(999), format.bytes(1000), format.bytes(3_366_000),
                format.bytes(40 * 2 ** 30), format.bytes(512 * 2 ** 30), format.bytes(-2048),
                format.rate(0), format.rate(0.25), format.rate(1234.4),
                format.percent(0.9523), format.number(12345), format.counted(1, "image"),
                format.span(59), format.span(3600), format.span(3 * 86400 + 4 * 3600),
                String(format.seconds("PT26H3M4S")), String(format.seconds("-PT0.5S")),
                String(format.seconds("soon")),
              ].map((text) => text.replaceAll("\\u00a0", " "));
            }\
            """);

    assertThat(texts)
        .isEqualTo(
            List.of(
                "0 B",
                "999 B",
                "0.98 KiB",
                "3.21 MiB",
                "40.0 GiB",
                "512 GiB",
                "\u22122.00 KiB",
                "0/s",
                "0.25/s",
                "1,234/s",
                "95.2 %",
                "12,345",
                "1 image",
                "59 s",
                "1 h",
                "3 d 4 h",
                "93784",
                "-0.5",
                "NaN"));
  }
}
