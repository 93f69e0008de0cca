package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {

  @ParameterizedTest
  @CsvSource({
    "100;w=21600, 76;w=21600, 100, 76, PT6H",
    "100; w=60, 0;w=60, 100, 0, PT1M",
    "200, 199, 200, 199, ",
    ", 76;w=21600, , 76, PT6H",
    "' 5000 ', , 5000, , ",
    "unlimited, 76;w=never, , 76, ",
    "12345678901;w=60, 1;w=12345678901, , 1, ",
  })
  void itIsReadAsFarAsItMakesSense(
      @Nullable String limit,
      @Nullable String remaining,
      @Nullable Long allowed,
      @Nullable Long left,
      @Nullable Duration window) {
    assertThat(RateLimit.parse(limit, remaining))
        .contains(
            new RateLimit(
                Optional.ofNullable(allowed),
                Optional.ofNullable(left),
                Optional.ofNullable(window)));
  }

  @Test
  void whereNothingIsSaidThereIsNone() {
    assertThat(RateLimit.parse(null, null)).isEmpty();
    assertThat(RateLimit.parse("", "-1")).isEmpty();
  }

  /** A header may be 64 KiB long, and is read on the way of every answer. */
  @Test
  void aHeaderThatIsMadeToTakeLongTakesNoTime() {
    long begun = System.nanoTime();

    assertThat(RateLimit.parse("1" + "; w ".repeat(16_000), "; ".repeat(30_000))).isPresent();

    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(1));
  }
}
