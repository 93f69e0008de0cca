package io.weir.upstream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class BodyQueueTest {

  private static final Duration SHORT = Duration.ofMillis(1);

  private final List<String> flow = new ArrayList<>();
  private final BodyQueue queue =
      new BodyQueue(
          new BodyQueue.Flow() {
            @Override
            public void pause() {
              flow.add("pause");
            }

            @Override
            public void resume() {
              flow.add("resume");
            }
          });

  private static ByteBuffer piece(int bytes) {
    return ByteBuffer.allocate(bytes);
  }

  @Test
  void piecesComeOutAsTheyWentInAndThenTheEnd() throws Exception {
    ByteBuffer piece = piece(10);
    queue.put(piece);
    queue.end();

    assertThat(queue.take(SHORT)).isSameAs(piece);
    assertThat(queue.take(SHORT)).isNull();
    assertThat(queue.take(SHORT)).isNull();
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private String taken() throws Exception {
    return US_ASCII.decode(requireNonNull(queue.take(SHORT))).toString();
  }

  /** Until so many have been taken, pieces come out one by one. */
  private void takeEagerBytes() throws Exception {
    ByteBuffer first = piece(BodyQueue.EAGER_BYTES / 2);
    ByteBuffer second = piece(BodyQueue.EAGER_BYTES / 2);
    queue.put(first);
    queue.put(second);
    assertThat(queue.take(SHORT)).isSameAs(first);
    assertThat(queue.take(SHORT)).isSameAs(second);
  }

  @Test
  void theFirstPiecesAreTakenAtOnceAndSmallOnesBehindThemAsOne() throws Exception {
    takeEagerBytes();

    queue.put(text("b"));
    queue.put(text("c"));
    assertThat(taken()).isEqualTo("bc");
  }

  @Test
  void noMoreIsGatheredThanIsWorthATurn() throws Exception {
    takeEagerBytes();

    int bytes = BodyQueue.LARGE_BYTES - 1;
    int fitting = BodyQueue.GATHERED_BYTES / bytes;
    for (int i = 0; i <= fitting; i++) {
      queue.put(piece(bytes));
    }
    queue.end();
    assertThat(queue.take(SHORT)).extracting(ByteBuffer::remaining).isEqualTo(fitting * bytes);
    assertThat(queue.take(SHORT)).extracting(ByteBuffer::remaining).isEqualTo(bytes);
  }

  @Test
  void aLargePieceIsNotCopied() throws Exception {
    takeEagerBytes();

    ByteBuffer large = piece(BodyQueue.LARGE_BYTES);
    queue.put(text("b"));
    queue.put(large);
    queue.put(text("c"));
    queue.end();
    assertThat(taken()).isEqualTo("b");
    assertThat(queue.take(SHORT)).isSameAs(large);
    assertThat(taken()).isEqualTo("c");
  }

  @Test
  void whatWasGatheredIsTakenBeforeTheBodyIsFoundBroken() throws Exception {
    takeEagerBytes();
    queue.put(text("b"));
    queue.put(text("c"));
    queue.fail(new IOException("reset"));

    assertThat(taken()).isEqualTo("bc");
    assertThatThrownBy(() -> queue.take(SHORT)).hasRootCauseMessage("reset");
  }

  @Test
  void theSourceIsHeldWhileMuchWaits() throws Exception {
    queue.put(piece(BodyQueue.PAUSE_ABOVE_BYTES));
    assertThat(flow).isEmpty();
    queue.put(piece(1));
    assertThat(flow).containsExactly("pause");
    queue.take(SHORT);
    assertThat(flow).containsExactly("pause", "resume");
  }

  /** A connection that went back to the pool unread would hang its next request. */
  @Test
  void theSourceIsLetGoAtTheEnd() {
    queue.put(piece(BodyQueue.PAUSE_ABOVE_BYTES + 1));
    queue.end();
    assertThat(flow).containsExactly("pause", "resume");
  }

  @Test
  void aBrokenBodyIsReadUpToWhereItBroke() throws Exception {
    queue.put(piece(10));
    queue.fail(new IOException("reset"));
    queue.end();

    assertThat(queue.take(SHORT)).isNotNull();
    assertThatThrownBy(() -> queue.take(SHORT))
        .isInstanceOf(IOException.class)
        .hasRootCauseMessage("reset");
  }

  @Test
  void waitingIsBounded() {
    assertThatThrownBy(() -> queue.take(SHORT)).isInstanceOf(TimeoutException.class);
  }

  @Test
  void whatComesAfterTheReaderLeftIsForgotten() {
    assertThat(queue.drop()).isFalse();
    queue.put(piece(BodyQueue.PAUSE_ABOVE_BYTES + 1));
    assertThat(flow).isEmpty();
    queue.end();
    assertThat(queue.drop()).isTrue();
  }
}
