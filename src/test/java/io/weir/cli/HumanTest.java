package io.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumanTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1023, 1023",
    "1024, 1.0Ki",
    "10137, 9.9Ki",
    "10188, 9.9Ki",
    "10189, 10Ki",
    "1048063, 1023Ki",
    "1048064, 1.0Mi",
    "1288490188, 1.2Gi",
    "9223372036854775807, 8.0Ei",
  })
  void aSizeHasTwoOrThreeDigitsAndAUnit(long bytes, String text) {
    assertThat(Human.size(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"PT-3S, 0s", "PT59S, 59s", "PT60S, 1m", "PT3599S, 59m", "PT47H, 1d", "P400D, 400d"})
  void aDurationHasItsLargestUnit(Duration duration, String text) {
    assertThat(Human.duration(duration)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0, 0 images", "1, 1 image", "12345, '12,345 images'"})
  void aNumberOfThingsIsOneOrMany(long number, String text) {
    assertThat(Human.count(number, "image")).isEqualTo(text);
  }
}
