package io.weir.upstream;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What it costs to hand a piece of a body over: on one thread, and to a virtual thread that waits
 * for it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BodyQueueBenchmark {

  private static final int PIECES = 10_000;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private static final BodyQueue.Flow FREE =
      new BodyQueue.Flow() {
        @Override
        public void pause() {}

        @Override
        public void resume() {}
      };

  private final ByteBuffer piece = ByteBuffer.allocate(16 << 10);
  private final BodyQueue queue = new BodyQueue(FREE);

  @Benchmark
  public ByteBuffer onOneThread() throws Exception {
    queue.put(piece);
    return Objects.requireNonNull(queue.take(LIMIT));
  }

  /** The pieces of a body of 160 MB, as fast as they can be put. */
  @Benchmark
  @OperationsPerInvocation(PIECES)
  public void toAnotherThread() throws Exception {
    BodyQueue body = new BodyQueue(FREE);
    Thread reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                while (body.take(LIMIT) != null) {
                  // Only taken.
                }
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    for (int i = 0; i < PIECES; i++) {
      body.put(piece);
    }
    body.end();
    reader.join();
  }
}
