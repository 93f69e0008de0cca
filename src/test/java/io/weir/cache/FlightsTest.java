package io.weir.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.config.Config;
import io.weir.metrics.Kind;
import io.weir.oci.Origin;
import io.weir.oci.Repository;
import io.weir.testing.TraceCollector;
import io.weir.tracing.Span;
import io.weir.tracing.Tracing;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FlightsTest {

  private static final Question QUESTION =
      new Question(Kind.MANIFEST, new Origin("hub", Repository.parse("team/app")), "v1");

  @AutoClose private final TraceCollector collector = TraceCollector.start();
  private final Flights flights = new Flights();
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch answered = new CountDownLatch(1);

  @Test
  void whoWaitsForACallIsLinkedToWhoMadeIt() throws InterruptedException {
    Config.Tracing config =
        new Config.Tracing(Optional.of(collector.url()), Optional.empty(), Optional.empty());
    try (Tracing tracing = Tracing.start(config, Map.of())) {
      Thread first = fly(tracing.begin("first", _ -> null));
      asked.await();
      Thread second = fly(tracing.begin("second", _ -> null));
      while (second.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      answered.countDown();
      first.join();
      second.join();
    }

    TraceCollector.Span caller = collector.spans("SERVER", "first").getFirst();
    assertThat(caller.links()).isEmpty();
    assertThat(collector.spans("SERVER", "second").getFirst().links()).containsExactly(caller.id());
  }

  private Thread fly(Span span) {
    return Thread.ofPlatform()
        .start(() -> {
          span.run(() -> assertThat(flights.fly(QUESTION, this::answer).value()).isEqualTo("v"));
          span.end();
        });
  }

  private String answer() {
    asked.countDown();
    try {
      answered.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return "v";
  }
}
