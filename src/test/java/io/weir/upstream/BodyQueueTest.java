package io.weir.upstream;

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
