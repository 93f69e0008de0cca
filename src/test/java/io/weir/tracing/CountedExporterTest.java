package io.weir.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.Collections;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class CountedExporterTest {

  private static final int WAITING_MAX = 3;

  private final Backlog backlog = new Backlog();

  private CountedExporter exporter(Supplier<CompletableResultCode> answer) {
    for (int i = 0; i < WAITING_MAX; i++) {
      assertThat(backlog.admit(WAITING_MAX)).isTrue();
    }
    return new CountedExporter(
        new SpanExporter() {
          @Override
          public CompletableResultCode export(Collection<SpanData> spans) {
            return answer.get();
          }

          @Override
          public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
          }

          @Override
          public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
          }
        },
        backlog);
  }

  private static Collection<SpanData> spans(int count) {
    return Collections.nCopies(count, null);
  }

  @Test
  void whatIsBeingSentTakesAPlaceUntilItIsKnownWhatBecameOfIt() {
    CompletableResultCode answer = new CompletableResultCode();
    var _ = exporter(() -> answer).export(spans(2));
    assertThat(backlog.admit(WAITING_MAX)).isFalse();

    answer.succeed();

    assertThat(backlog.admit(WAITING_MAX)).isTrue();
    assertThat(backlog.waiting()).isEqualTo(2);
    assertThat(backlog.lost()).isEqualTo(1);
    assertThat(backlog.ended()).isEqualTo(5);
  }

  @Test
  void whatCannotBeSentGivesItsPlaceFree() {
    CountedExporter exporter =
        exporter(() -> {
          throw new IllegalStateException("it is closed");
        });

    assertThatIllegalStateException().isThrownBy(() -> exporter.export(spans(3)));

    assertThat(backlog.waiting()).isZero();
    assertThat(backlog.lost()).isEqualTo(3);
  }
}
