package io.weir.logging;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BatchedOutputTest {

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final AtomicInteger waiting = new AtomicInteger();
  private final BatchedOutput output = new BatchedOutput(written, waiting::get);

  private void line(String text, int waitingBehind) throws IOException {
    waiting.set(waitingBehind);
    output.write(text.getBytes(US_ASCII));
  }

  @Test
  void aLineBehindWhichNoneWaitsIsWrittenAtOnce() throws IOException {
    line("a\n", 0);
    assertThat(written.toString(US_ASCII)).isEqualTo("a\n");
  }

  @Test
  void linesWaitForThoseBehindThem() throws IOException {
    line("a\n", 2);
    line("b\n", 1);
    assertThat(written.size()).isZero();
    line("c\n", 0);
    assertThat(written.toString(US_ASCII)).isEqualTo("a\nb\nc\n");
  }

  @Test
  void aLongRunOfLinesIsWrittenInPieces() throws IOException {
    for (int i = 0; i < 100_000; i++) {
      line("a\n", 1);
    }
    assertThat(written.size()).isGreaterThan(100_000);
  }

  @Test
  void nothingIsLeftAtTheEnd() throws IOException {
    line("a\n", 1);
    output.close();
    assertThat(written.toString(US_ASCII)).isEqualTo("a\n");
  }
}
