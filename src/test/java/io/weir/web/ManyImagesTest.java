package io.weir.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.weir.testing.BigStore;
import io.weir.testing.WeirServer;
import io.weir.testing.real.Chromium;
import io.weir.testing.real.RealTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The list of ten thousand images in a real browser. */
@RealTest
@Timeout(300)
class ManyImagesTest {

  private static final int IMAGES = 10_000;

  /** Its config, and the layer that all share. */
  private static final int BLOBS_PER_IMAGE = 2;

  /** What is slow is slow each time; a machine that does something else for a moment is not. */
  private static final int TRIES = 5;

  /** What people notice as a stutter; a frame takes 16 ms. */
  private static final int STUTTER_MILLIS = 200;

  private static final String ROWS = "table.rows tbody:not(.spacer) tr";

  /** Scrolls to the end as fast as the pages come, three screens a frame, and measures. */
  private static final String SCROLL =
      """
      async (count) => {
        const region = document.querySelector(".scroller");
        let longestTask = 0;
        const tasks = new PerformanceObserver((list) => {
          for (const task of list.getEntries()) {
            longestTask = Math.max(longestTask, task.duration);
          }
        });
        tasks.observe({ type: "longtask" });
        const frame = () => new Promise(requestAnimationFrame);
        let longestFrame = 0;
        let rows = 0;
        const isAtEnd = () =>
          document.querySelector(".rows").ariaRowCount === String(count + 1)
          && region.scrollTop + region.clientHeight >= region.scrollHeight - 1;
        await frame();
        for (let before = performance.now(); !isAtEnd(); ) {
          region.scrollBy(0, 3 * region.clientHeight);
          await frame();
          const now = performance.now();
          longestFrame = Math.max(longestFrame, now - before);
          before = now;
          rows = Math.max(rows, document.querySelectorAll(".rows tr").length);
        }
        tasks.disconnect();
        return [longestTask, longestFrame, rows];
      }\
      """;

  @TempDir private Path data;
  @AutoClose private Chromium chromium;
  @AutoClose private WeirServer weir;
  private Chromium.Tab tab;
  private Page page;

  @BeforeEach
  void start() throws IOException {
    chromium = Chromium.start();
    BigStore.fill(data, IMAGES, BLOBS_PER_IMAGE);
    weir = WeirServer.in(data).upstream("hub", URI.create("http://127.0.0.1:9")).start();
    weir.awaitReconciliation();
    tab = chromium.open();
    page = tab.page();
    page.setDefaultTimeout(120_000);
  }

  private void open() {
    page.navigate("about:blank");
    page.navigate("http://127.0.0.1:%d/#/images".formatted(weir.adminPort()));
    assertThat(page.getByText("10,000 images")).isVisible();
  }

  @Test
  void tenThousandImagesAreScrolledThroughWithoutAStutter() {
    double longestMillis = Double.MAX_VALUE;
    for (int i = 0; i < TRIES && longestMillis >= STUTTER_MILLIS; i++) {
      open();
      longestMillis = scrollThrough();
    }
    assertThat(longestMillis).isLessThan(STUTTER_MILLIS);

    page.getByLabel("Search").fill("app-77 v7777");
    Locator rows = page.locator(ROWS);
    assertThat(rows).hasCount(1);
    assertThat(rows).containsText("hub/team/app-77:v7777");
    assertThat(tab.complaints()).isEmpty();
  }

  /** Gives the longest time in which the page did not answer. */
  private double scrollThrough() {
    @SuppressWarnings("unchecked")
    List<Number> measured = (List<Number>) page.evaluate(SCROLL, IMAGES);
    System.out.printf(
        "many images: longest task %s ms, longest frame %s ms, rows %s%n", measured.toArray());
    assertThat(page.locator(ROWS).last()).containsText("hub/team/app-99:v9999");
    assertThat(measured.get(2).intValue()).isLessThan(200);
    return measured.get(1).doubleValue();
  }
}
