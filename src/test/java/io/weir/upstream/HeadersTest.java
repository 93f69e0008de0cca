package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@link RetryAfter}, {@link LinkHeader} and {@link ContentRange}. */
class HeadersTest {

  private final Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void retryAfterIsSecondsOrADateOrAUnixTime() {
    assertThat(RetryAfter.parse("7", now)).isEqualTo(Duration.ofSeconds(7));
    assertThat(RetryAfter.parse("Thu, 01 Jan 2026 00:02:00 GMT", now))
        .isEqualTo(Duration.ofMinutes(2));
    assertThat(RetryAfter.parse(Long.toString(now.getEpochSecond() + 90), now))
        .isEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void retryAfterIsTenSecondsWhereItSaysNothingAndAnHourAtMost() {
    assertThat(RetryAfter.parse(null, now)).isEqualTo(Duration.ofSeconds(10));
    assertThat(RetryAfter.parse("soon", now)).isEqualTo(Duration.ofSeconds(10));
    assertThat(RetryAfter.parse("-5", now)).isEqualTo(Duration.ofSeconds(10));
    assertThat(RetryAfter.parse("0", now)).isEqualTo(Duration.ofSeconds(1));
    assertThat(RetryAfter.parse("999999", now)).isEqualTo(Duration.ofHours(1));
    assertThat(RetryAfter.parse("99999999999999999999", now)).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void theNextPageIsFoundAmongOtherLinks() {
    assertThat(LinkHeader.next(List.of("</v2/a/tags/list?n=2&last=b>; rel=\"next\"")))
        .isEqualTo("/v2/a/tags/list?n=2&last=b");
    assertThat(LinkHeader.next(List.of("</a>; rel=prev, </b,c>; title=\"x\"; REL=next")))
        .isEqualTo("/b,c");
    assertThat(LinkHeader.next(List.of("</a>; rel=\"nextish\"", "<unclosed", ""))).isNull();
    assertThat(LinkHeader.next(List.of())).isNull();
  }

  @Test
  void aContentRangeMustBeTheRestOfTheBlob() {
    assertThat(ContentRange.parse("bytes 5-9/10")).isEqualTo(new ContentRange(5, 9, 10));
    assertThat(ContentRange.parse("bytes 5-9/*")).isEqualTo(new ContentRange(5, 9, -1));
    assertThat(ContentRange.parse("items 5-9/10")).isNull();
    assertThat(ContentRange.parse(null)).isNull();
    assertThat(new ContentRange(5, 9, 10).answers(5, -1)).isTrue();
    assertThat(new ContentRange(5, 9, -1).answers(5, -1)).isTrue();
    assertThat(new ContentRange(5, 8, 10).answers(5, -1)).isFalse();
    assertThat(new ContentRange(4, 9, 10).answers(5, -1)).isFalse();
  }

  @Test
  void aContentRangeMustBeThePartThatWasAskedForOrEndWithTheBlob() {
    assertThat(new ContentRange(5, 7, 10).answers(5, 8)).isTrue();
    assertThat(new ContentRange(5, 7, -1).answers(5, 8)).isTrue();
    assertThat(new ContentRange(5, 9, 10).answers(5, 20)).isTrue();
    assertThat(new ContentRange(5, 6, 10).answers(5, 8)).isFalse();
    assertThat(new ContentRange(5, 8, 10).answers(5, 8)).isFalse();
    assertThat(new ContentRange(5, 9, 10).answers(5, 8)).isFalse();
    assertThat(new ContentRange(5, 9, -1).answers(5, 20)).isFalse();
  }
}
