package io.weir.testing.real;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Debian's Chromium, driven by Playwright, which brings no browser of its own here. For the thread
 * that started it.
 */
public final class Chromium implements AutoCloseable {

  private static final String PROGRAM = "chromium";

  /** A browser on a busy machine takes its time. */
  private static final int PATIENCE_MILLIS = 20_000;

  private final Playwright playwright;
  private final Browser browser;

  private Chromium(Playwright playwright) {
    this.playwright = playwright;
    this.browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Programs.find(PROGRAM).orElseThrow())
                    .setArgs(List.of("--no-sandbox")));
  }

  /** Starts it, or skips the running test where it is not installed. */
  public static Chromium start() {
    Programs.require(PROGRAM);
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
    Map<String, String> variables = Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    return new Chromium(Playwright.create(new Playwright.CreateOptions().setEnv(variables)));
  }

  /** A tab of its own window, in which nothing is stored. */
  public Tab open() {
    return open(new Browser.NewContextOptions());
  }

  /** The same, with another screen, colours or permissions. */
  public Tab open(Browser.NewContextOptions options) {
    return new Tab(browser.newContext(options));
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }

  /** A tab, and what the browser complained of in it. */
  public static final class Tab implements AutoCloseable {

    /** An answer that is an error is for the page to show, and no complaint. */
    private static final String ANSWERED_WITH_AN_ERROR = "Failed to load resource";

    private final BrowserContext window;
    private final Page page;
    private final List<String> complaints = new ArrayList<>();
    private final List<String> requests = new ArrayList<>();

    private Tab(BrowserContext window) {
      this.window = window;
      this.page = window.newPage();
      page.setDefaultTimeout(PATIENCE_MILLIS);
      page.onPageError(complaints::add);
      page.onRequest(request -> requests.add(request.url()));
      page.onConsoleMessage(message -> {
        boolean isGrave = message.type().equals("error") || message.type().equals("warning");
        if (isGrave && !message.text().startsWith(ANSWERED_WITH_AN_ERROR)) {
          complaints.add(message.text());
        }
      });
    }

    public Page page() {
      return page;
    }

    /** Scripts that failed, and what the page's own policy did not let it do. */
    public List<String> complaints() {
      return List.copyOf(complaints);
    }

    /** The URLs of all that was asked for. */
    public List<String> requests() {
      return List.copyOf(requests);
    }

    @Override
    public void close() {
      window.close();
    }
  }
}
