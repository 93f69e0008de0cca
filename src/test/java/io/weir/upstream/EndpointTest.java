package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointTest {

  private static boolean trusts(String url, String realm, String... more) {
    return Endpoint.of(URI.create(url)).trusts(Target.parse(realm), List.of(more));
  }

  @ParameterizedTest
  @CsvSource({
    "https://quay.io, https://quay.io/v2/auth, true",
    "https://quay.io, https://quay.io:8443/v2/auth, true",
    "https://quay.io, http://quay.io/v2/auth, false",
    "https://quay.io, https://auth.quay.io/token, false",
    "https://quay.io, https://quay.io.evil.example/token, false",
    "https://quay.io, https://quay.io@evil.example/token, false",
    "https://quay.io, https://evil.example@quay.io/token, true",
    "https://registry-1.docker.io, https://auth.docker.io/token, true",
    "https://registry-1.docker.io, http://auth.docker.io/token, false",
    "https://quay.io, https://auth.docker.io/token, false",
    "https://registry.gitlab.com, https://gitlab.com/jwt/auth, true",
    "http://10.0.0.4:5000, http://10.0.0.4:5001/token, true",
    "http://10.0.0.4:5000, https://10.0.0.4/token, true",
  })
  void credentialsAreForTheSameHostAndNotOverPlainHttpAfterHttps(
      String url, String realm, boolean isTrusted) {
    assertThat(trusts(url, realm)).isEqualTo(isTrusted);
  }

  @Test
  void whatTheConfigurationNamesIsTrustedByHttpsOnly() {
    assertThat(trusts("https://quay.io", "https://auth.example.net/token", "auth.example.net"))
        .isTrue();
    assertThat(trusts("https://quay.io", "http://auth.example.net/token", "auth.example.net"))
        .isFalse();
    assertThat(trusts("https://quay.io", "https://auth.example.net:1/token", "auth.example.net:2"))
        .isFalse();
  }
}
