package io.weir.oci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {

  @ParameterizedTest
  @CsvSource({
    "linux/amd64, true",
    "linux/arm/v7, true",
    "wasip1/wasm, true",
    "linux, false",
    "linux/, false",
    "/amd64, false",
    "linux/arm/v7/x, false",
    "Linux/amd64, false",
    "linux amd64, false",
    "'', false",
  })
  void aNameHasTwoOrThreeParts(String text, boolean isName) {
    assertThat(Platform.isName(text)).isEqualTo(isName);
  }

  @ParameterizedTest
  @CsvSource({
    "linux/amd64, linux/amd64, true",
    "linux/amd64, linux/amd64/v3, true",
    "linux/arm, linux/arm/v7, true",
    "linux/arm/v7, linux/arm/v6, false",
    "linux/arm, linux/arm64, false",
    "linux/arm64, linux/arm64/v8, true",
    "linux/arm64/v8, linux/arm64, true",
    "linux/arm64/v9, linux/arm64, false",
    "linux/arm/v8, linux/arm, false",
    "linux/amd64, windows/amd64, false",
    "linux/amd64, unknown/unknown, false",
  })
  void whatIsWantedCoversWhatIsOffered(String wanted, String offered, boolean covers) {
    assertThat(Platform.covers(wanted, offered)).isEqualTo(covers);
  }

  @ParameterizedTest
  @CsvSource({
    "linux, true",
    "lin, true",
    "arm64, true",
    "linux/arm, true",
    "x/am, true",
    "v8, true",
    "nginx, false",
    "library/nginx, false",
    "1.27, false",
    "linuxamd64, false",
  })
  void onlyPartsOfKnownWordsCanBeOfAPlatform(String part, boolean can) {
    assertThat(Platform.mayContain(part)).isEqualTo(can);
  }
}
