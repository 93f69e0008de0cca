package io.weir.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class RecentLogTest {

  private final Logger log = LoggerFactory.getLogger("io.weir.RecentLogTest");

  /** Those of this test: others may log at the same time. */
  private List<LogLine> lines(RecentLog recent) {
    return recent.after(0, 1000).stream()
        .filter(line -> line.logger().equals(log.getName()))
        .toList();
  }

  @Test
  void aLineHasAllThatWasSaid() {
    try (RecentLog recent = RecentLog.begin()) {
      log.atError()
          .addKeyValue("digest", "sha256:ab")
          .addKeyValue("at", 7)
          .setCause(new IOException("no space"))
          .log("it failed {} times", 2);

      LogLine line = lines(recent).getFirst();
      assertThat(line.level()).isEqualTo("ERROR");
      assertThat(line.message()).isEqualTo("it failed 2 times");
      assertThat(line.fields())
          .containsEntry("digest", "sha256:ab")
          .containsEntry("at", "7")
          .containsEntry("exception", "java.io.IOException: no space");
    }
  }

  @Test
  void theNewestFiveHundredAreKept() {
    try (RecentLog recent = RecentLog.begin()) {
      for (int i = 0; i < 700; i++) {
        log.warn("line {}", i);
      }

      List<LogLine> all = recent.after(0, 1000);
      assertThat(all).hasSize(500);
      assertThat(lines(recent).getLast().message()).isEqualTo("line 699");
      assertThat(all).extracting(LogLine::id).isSorted();
      assertThat(recent.after(all.get(489).id(), 1000)).isEqualTo(all.subList(490, 500));
      assertThat(recent.after(0, 3)).isEqualTo(all.subList(497, 500));
      assertThat(recent.after(Long.MAX_VALUE, 3)).isEmpty();
    }
  }

  @Test
  void nothingIsKeptAfterItWasClosed() {
    RecentLog recent = RecentLog.begin();
    recent.close();
    log.warn("too late");
    assertThat(lines(recent)).isEmpty();
  }
}
