package io.weir.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.registry.ByteRange.Slice;
import io.weir.registry.ByteRange.UnsatisfiableException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0,      0,   1",
    "bytes=0-99,     0, 100",
    "bytes=10-19,   10,  20",
    "bytes=10-,     10, 100",
    "bytes=-10,     90, 100",
    "bytes=-1000,    0, 100",
    "bytes=90-1000, 90, 100",
    "BYTES=1-2,      1,   3",
    "bytes= 1 - 2,   1,   3",
    "bytes=5-99999999999999999999, 5, 100",
  })
  void meansAPartOfAHundredBytes(String header, long from, long to) {
    assertThat(parsed(header).within(100)).isEqualTo(new Slice(from, to));
  }

  private static ByteRange parsed(String header) {
    @Nullable ByteRange range = ByteRange.parse(header);
    if (range == null) {
      throw new AssertionError(header + " asks for the whole");
    }
    return range;
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=0-1,3-4", "items=0-1", "", "bytes", "none"})
  void orTheWhole(String header) {
    assertThat(ByteRange.parse(header)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"bytes=500-0", "bytes=a-b", "bytes=-", "bytes=", "bytes=1-2-3", "bytes=+1-2"})
  void orNothingThatCanBeSatisfied(String header) {
    assertThatThrownBy(() -> ByteRange.parse(header)).isInstanceOf(UnsatisfiableException.class);
  }

  @Test
  void whatBeginsPastTheEndOrIsEmptyCannotBeSatisfied() {
    for (String header : new String[] {"bytes=100-", "bytes=100-200", "bytes=-0"}) {
      assertThatThrownBy(() -> parsed(header).within(100))
          .as(header)
          .isInstanceOfSatisfying(
              UnsatisfiableException.class, e -> assertThat(e.sizeBytes()).isEqualTo(100));
    }
    assertThatThrownBy(() -> parsed("bytes=-5").within(0))
        .isInstanceOf(UnsatisfiableException.class);
    assertThatThrownBy(() -> parsed("bytes=0-").within(0))
        .isInstanceOf(UnsatisfiableException.class);
  }
}
