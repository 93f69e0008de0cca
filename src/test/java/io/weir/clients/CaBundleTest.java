package io.weir.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaBundleTest {

  @Test
  void onlyCertificatesAreTakenAndWrittenAlike() {
    String untidy =
        "subject=CN = ca\r\n"
            + Told.CA.pem().replace("\n", "\r\n")
            + "\n\n"
            + Told.CA.pem()
            + "\n--";

    assertThat(CaBundle.parse(untidy).pem()).isEqualTo(Told.CA.pem() + Told.CA.pem());
  }

  @Test
  void aPrivateKeyIsRefusedAndNotShown() {
    String key =
        """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIBpLanTeDsEcReT
        -----END EC PRIVATE KEY-----
        """;

    assertThatThrownBy(() -> CaBundle.parse(Told.CA.pem() + key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected certificates only (got a private key, which nodes must not have)");
  }

  @ParameterizedTest
  @CsvSource({
    "'', expected a PEM file with a certificate (got none)",
    "-----BEGIN PUBLIC KEY-----AAAA-----END PUBLIC KEY-----, expected a PEM file with a certificate (got none)",
    "-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----, expected X.509 certificates (got one that is broken)",
    "-----BEGIN CERTIFICATE-----A-----END CERTIFICATE-----, expected X.509 certificates (got one that is broken)",
  })
  void whatIsNoneIsRefused(String text, String message) {
    assertThatThrownBy(() -> CaBundle.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
