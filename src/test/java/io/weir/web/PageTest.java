package io.weir.web;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.weir.testing.ScriptedUpstream;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Chromium;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A tab of a real browser, and behind it a real server with an upstream. */
abstract class PageTest {

  @AutoClose private static Chromium chromium;

  @TempDir Path folder;
  @AutoClose final ScriptedUpstream upstream = ScriptedUpstream.start();

  @SuppressWarnings("NullAway.Init") // by the subclass
  @AutoClose
  WeirServer weir;

  @SuppressWarnings("NullAway.Init") // by look
  Chromium.Tab tab;

  @SuppressWarnings("NullAway.Init") // by look
  Page page;

  @BeforeAll
  static void startBrowser() {
    chromium = Chromium.start();
  }

  @AfterEach
  void closeTab() {
    tab.close();
  }

  /** A server that does not wait long for an upstream which does not answer. */
  WeirServer.Builder server() {
    return WeirServer.in(folder.resolve("store"))
        .timeouts(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(60))
        .upstream("hub", upstream.url());
  }

  /** Opens a tab of its own window, in which nothing is stored. */
  void look(Browser.NewContextOptions options) {
    tab = chromium.open(options);
    page = tab.page();
  }

  /** Shows a view of the page. */
  void visit(String view) {
    page.navigate("http://127.0.0.1:%d/#/%s".formatted(weir.adminPort(), view));
  }

  /** A client pulls an image. */
  void pull(String repository, String tag) throws IOException {
    new ImagePull(weir).pull(repository, tag);
  }

  Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }
}
