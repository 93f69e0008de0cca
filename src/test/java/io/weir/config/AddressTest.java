package io.weir.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0:5000", "[::1]:5000", "localhost:0", "a-b.example.net:65535"})
  void anAddressIsPrintedAsItIsWritten(String text) {
    assertThat(Address.parse(text)).hasToString(text);
  }

  @Test
  void aPortAloneIsEveryInterface() {
    assertThat(Address.parse(":5000")).isEqualTo(new Address("0.0.0.0", 5000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "5000",
        "a",
        "a:",
        "::1:5000",
        "[::1]",
        "[::1",
        "[a]:1",
        "a:65536",
        "a:-1",
        "a b:1",
        "256.0.0.1:1",
        "1.2.3:1",
        "-a:1",
        "a..b:1",
        "[127.0.0.1]:80",
        "[fe80::1%eth0]:1"
      })
  void whatIsNoAddressIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Address.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:1, true",
    "127.8.9.10:1, true",
    "[::1]:1, true",
    "LocalHost:1, true",
    "0.0.0.0:1, false",
    "[::]:1, false",
    "10.0.0.1:1, false",
    "localhost.example.net:1, false",
  })
  void loopbackIsWhatOnlyThisMachineReaches(String address, boolean loopback) {
    assertThat(Address.parse(address).isLoopback()).isEqualTo(loopback);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1:1, 10.0.0.1:1, true",
    "example.net:1, Example.NET:1, true",
    ":1, 10.0.0.1:1, true",
    "10.0.0.1:1, [::]:1, true",
    "10.0.0.1:1, 10.0.0.1:2, false",
    "10.0.0.1:1, 10.0.0.2:1, false",
    ":0, :0, false",
  })
  void twoListenersCollideOnOnePortOfOneInterface(String one, String other, boolean collide) {
    assertThat(Address.parse(one).collidesWith(Address.parse(other))).isEqualTo(collide);
  }
}
