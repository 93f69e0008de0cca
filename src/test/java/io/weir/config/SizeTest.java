package io.weir.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizeTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1500, 1500",
    "1Ki, 1024",
    "500Mi, 524288000",
    "10Gi, 10737418240",
    "1Ti, 1099511627776",
    "1Pi, 1125899906842624",
    "7Ei, 8070450532247928832",
    "3k, 3000",
    "20M, 20000000",
    "10G, 10000000000",
    "2T, 2000000000000",
    "1P, 1000000000000000",
    "9E, 9000000000000000000",
  })
  void aNumberOfBytesIsReadAndPrinted(String text, long bytes) {
    assertThat(Size.parse(text)).isEqualTo(new Size.Bytes(bytes)).hasToString(text);
    assertThat(Size.parse(text).of(1)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({"1024Ki, 1Mi", "1000000, 1M", "0Gi, 0", "1536Mi, 1536Mi"})
  void whatIsPrintedIsTheShortestForm(String text, String printed) {
    assertThat(Size.parse(text)).hasToString(printed);
  }

  @ParameterizedTest
  @CsvSource({"0%, 0", "1%, 10", "80%, 807", "100%, 1009"})
  void aPartIsOfWhatThereIs(String text, long bytes) {
    assertThat(Size.parse(text)).hasToString(text);
    assertThat(Size.parse(text).of(1009)).isEqualTo(bytes);
  }

  @Test
  void aPartOfAnyFileSystemIsALong() {
    assertThat(new Size.Percent(100).of(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Gi",
        "-1",
        "+1",
        "1.5Gi",
        "1 Gi",
        "1GiB",
        "1gi",
        "1K",
        "0x10",
        "101%",
        "99999999999%",
        "8Ei",
        "10E",
        "1000000000000000000",
        "٣",
      })
  void whatIsNoSizeIsRefused(String text) {
    assertThatThrownBy(() -> Size.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
