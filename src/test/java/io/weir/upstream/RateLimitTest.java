package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {

  private static final Instant NOW = Instant.ofEpochSecond(1_750_000_000);

  private static Optional<RateLimit> parse(Map<String, String> headers) {
    return RateLimit.parse(headers::get, NOW);
  }

  private static Map<String, String> headers(
      @Nullable String limit, @Nullable String remaining, @Nullable String reset) {
    return Map.of(
        "ratelimit-limit", limit == null ? "" : limit,
        "ratelimit-remaining", remaining == null ? "" : remaining,
        "ratelimit-reset", reset == null ? "" : reset);
  }

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
    assertThat(parse(headers(limit, remaining, null)))
        .contains(
            new RateLimit(
                Optional.ofNullable(allowed),
                Optional.ofNullable(left),
                Optional.ofNullable(window),
                Optional.ofNullable(window).map(NOW::plus)));
  }

  @Test
  void whereNothingIsSaidThereIsNone() {
    assertThat(parse(Map.of())).isEmpty();
    assertThat(parse(headers("", "-1", ""))).isEmpty();
    assertThat(parse(headers(null, null, "60"))).isEmpty();
  }

  /** The draft counts seconds from now, GitLab and GitHub since 1970. */
  @ParameterizedTest
  @CsvSource({
    "100, 60, 60",
    "100, 0, ",
    "100, 1750000090, 90",
    "100, 1749999999, ",
    "100, 999999999, 999999999",
    "100, 1000000000, ",
    "100, soon, ",
    "100;w=30, 1749999999, 30",
    "100;w=30, 20, 20",
  })
  void whatIsLeftIsKnownUntilTheReset(String remaining, String reset, @Nullable Long seconds) {
    RateLimit limit = parse(headers(null, remaining, reset)).orElseThrow();
    assertThat(limit.reset()).isEqualTo(Optional.ofNullable(seconds).map(NOW::plusSeconds));
    assertThat(limit.knownAt(NOW)).contains(limit);
    if (seconds == null) {
      assertThat(limit.knownAt(NOW.plus(Duration.ofDays(1000)))).contains(limit);
    } else {
      assertThat(limit.knownAt(NOW.plusSeconds(seconds - 1))).contains(limit);
      assertThat(limit.knownAt(NOW.plusSeconds(seconds))).isEmpty();
    }
  }

  @Test
  void theNamesWithAnXAreReadWhereTheOthersAreNot() {
    Map<String, String> x =
        Map.of(
            "x-ratelimit-limit", "60",
            "x-ratelimit-remaining", "55",
            "x-ratelimit-reset", "1750000090");
    assertThat(parse(x))
        .contains(
            new RateLimit(
                Optional.of(60L),
                Optional.of(55L),
                Optional.empty(),
                Optional.of(NOW.plusSeconds(90))));
    assertThat(
            parse(Map.of("ratelimit-remaining", "7", "x-ratelimit-remaining", "55"))
                .flatMap(RateLimit::remaining))
        .contains(7L);
  }

  /** A header may be 64 KiB long, and is read on the way of every answer. */
  @Test
  void aHeaderThatIsMadeToTakeLongTakesNoTime() {
    long begun = System.nanoTime();

    assertThat(
            parse(headers("1" + "; w ".repeat(16_000), "; ".repeat(30_000), "1;".repeat(30_000))))
        .isPresent();

    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(1));
  }
}
