package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProxyChoiceTest {

  private static @Nullable ProxyOptions choose(Map<String, String> environment, String url) {
    return new ProxyChoice(null, environment).of(Target.parse(url));
  }

  private static boolean isDirect(String noProxy, String url) {
    return choose(Map.of("HTTPS_PROXY", "http://proxy:3128", "NO_PROXY", noProxy), url) == null;
  }

  @Test
  void theEnvironmentHasAProxyForEachSchemeInLowerCaseFirst() {
    Map<String, String> environment =
        Map.of(
            "HTTPS_PROXY", "http://secure:1",
            "HTTP_PROXY", "plain:2",
            "http_proxy", "http://lower:3");
    assertThat(choose(environment, "https://quay.io/"))
        .satisfies(
            proxy -> assertThat(proxy).extracting("host", "port").containsExactly("secure", 1));
    assertThat(choose(environment, "http://quay.io/"))
        .satisfies(
            proxy -> assertThat(proxy).extracting("host", "port").containsExactly("lower", 3));
    assertThat(choose(Map.of(), "https://quay.io/")).isNull();
  }

  @Test
  void theConfiguredProxyIsUsedForEveryHost() {
    ProxyChoice choice =
        new ProxyChoice(
            URI.create("https://us%40er:p%3Ass+w@proxy.example:3129/"), Map.of("NO_PROXY", "*"));
    ProxyOptions proxy = choice.of(Target.parse("http://127.0.0.1:5000/"));
    assertThat(proxy)
        .extracting("type", "host", "port", "username", "password")
        .containsExactly(ProxyType.HTTPS, "proxy.example", 3129, "us@er", "p:ss+w");
  }

  @Test
  void exceptionsAreNamesSuffixesAddressesAndNetworks() {
    assertThat(isDirect("quay.io", "https://quay.io/")).isTrue();
    assertThat(isDirect("quay.io", "https://cdn.quay.io/")).isTrue();
    assertThat(isDirect("quay.io", "https://notquay.io/")).isFalse();
    assertThat(isDirect(".quay.io", "https://quay.io/")).isFalse();
    assertThat(isDirect("a.example, *.Quay.io", "https://cdn.quay.io/")).isTrue();
    assertThat(isDirect("quay.io:8443", "https://quay.io/")).isFalse();
    assertThat(isDirect("quay.io:8443", "https://quay.io:8443/")).isTrue();
    assertThat(isDirect("10.0.0.0/8", "https://10.1.2.3/")).isTrue();
    assertThat(isDirect("10.0.0.0/8", "https://11.1.2.3/")).isFalse();
    assertThat(isDirect("10.0.0.0/8", "https://quay.io/")).isFalse();
    assertThat(isDirect("fd00::/8", "https://[fd12::1]/")).isTrue();
    assertThat(isDirect("nonsense/x", "https://10.1.2.3/")).isFalse();
    assertThat(isDirect("*", "https://quay.io/")).isTrue();
    assertThat(isDirect("", "https://quay.io/")).isFalse();
  }

  @Test
  void theEnvironmentsProxyIsNotForThisMachine() {
    assertThat(isDirect("", "https://localhost:5000/")).isTrue();
    assertThat(isDirect("", "https://127.0.0.2/")).isTrue();
    assertThat(isDirect("", "https://[::1]/")).isTrue();
  }
}
