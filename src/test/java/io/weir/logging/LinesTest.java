package io.weir.logging;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinesTest {

  private static final int BYTES_MAX = 1 << 20;

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final AtomicLong lost = new AtomicLong();

  private static byte[] line(String text) {
    return (text + '\n').getBytes(US_ASCII);
  }

  private String written() {
    return written.toString(US_ASCII);
  }

  @Test
  void aLineThatComesAloneIsWrittenWithoutAnother() throws InterruptedException {
    BlockingQueue<String> pieces = new LinkedBlockingQueue<>();
    OutputStream target =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] bytes, int offset, int length) {
            pieces.add(new String(bytes, offset, length, US_ASCII));
          }
        };
    try (Lines lines = new Lines(Channels.newChannel(target), BYTES_MAX, lost::addAndGet)) {
      lines.add(line("a"));
      assertThat(pieces.take()).isEqualTo("a\n");
      lines.add(line("b"));
      assertThat(pieces.take()).isEqualTo("b\n");
    }
  }

  @Test
  void linesOfManyThreadsAreWholeAndNoneIsMissing() throws InterruptedException {
    int threads = 4;
    int each = 5_000;
    try (Lines lines = new Lines(Channels.newChannel(written), 64 << 20, lost::addAndGet)) {
      List<Thread> adding =
          IntStream.range(0, threads)
              .mapToObj(t ->
                  Thread.ofPlatform()
                      .start(() ->
                          IntStream.range(0, each)
                              .forEach(i -> lines.add(line("thread " + t + " line " + i)))))
              .toList();
      for (Thread thread : adding) {
        thread.join();
      }
    }
    for (int t = 0; t < threads; t++) {
      String prefix = "thread " + t + " ";
      assertThat(written().lines().filter(text -> text.startsWith(prefix)))
          .containsExactlyElementsOf(
              IntStream.range(0, each).mapToObj(i -> prefix + "line " + i).toList());
    }
    assertThat(written().lines()).hasSize(threads * each);
    assertThat(lost).hasValue(0);
  }

  @Test
  void manyLinesAreWrittenInFewPieces() throws InterruptedException {
    AtomicInteger pieces = new AtomicInteger();
    OutputStream counting =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] bytes, int offset, int length) {
            pieces.incrementAndGet();
          }
        };
    try (Lines lines = new Lines(Channels.newChannel(counting), 64 << 20, lost::addAndGet)) {
      for (int i = 0; i < 100_000; i++) {
        lines.add(line("a line of some length"));
      }
    }
    assertThat(pieces).hasValueBetween(1, 10_000);
  }

  @Test
  void anOutputThatTakesSomeBytesAtATimeGetsAll() {
    WritableByteChannel reluctant =
        new WritableByteChannel() {
          private int calls;

          @Override
          public int write(ByteBuffer bytes) {
            calls++;
            if (calls % 2 == 1) {
              return 0;
            }
            byte[] some = new byte[Math.min(3, bytes.remaining())];
            bytes.get(some);
            written.writeBytes(some);
            return some.length;
          }

          @Override
          public boolean isOpen() {
            return true;
          }

          @Override
          public void close() {}
        };
    try (Lines lines = new Lines(reluctant, BYTES_MAX, lost::addAndGet)) {
      lines.add(line("a line that is longer than three bytes"));
      lines.add(line("and another"));
    }
    assertThat(written().lines())
        .containsExactly("a line that is longer than three bytes", "and another");
  }

  @Test
  void whereNobodyReadsLinesAreLostAndCountedAndNobodyWaits() throws InterruptedException {
    CountDownLatch isRead = new CountDownLatch(1);
    OutputStream stuck =
        new ByteArrayOutputStream() {
          @Override
          public synchronized void write(byte[] bytes, int offset, int length) {
            try {
              isRead.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            written.write(bytes, offset, length);
          }
        };
    CountDownLatch isTold = new CountDownLatch(1);
    Lines.Losses losses =
        count -> {
          lost.addAndGet(count);
          isTold.countDown();
        };
    int count = 100_000;
    try (Lines lines = new Lines(Channels.newChannel(stuck), BYTES_MAX, losses)) {
      for (int i = 0; i < count; i++) {
        lines.add(line("%019d".formatted(i)));
      }
      isRead.countDown();
      isTold.await();
      assertThat(lines.lostEver()).isGreaterThanOrEqualTo(lost.get()).isPositive();
    }
    assertThat(written().lines().count() + lost.get()).isEqualTo(count);
    assertThat(written().lines()).allMatch(text -> text.length() == 19);
  }
}
