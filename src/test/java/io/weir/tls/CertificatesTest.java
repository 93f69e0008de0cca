package io.weir.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What certificates say, and the names that they can be for. */
class CertificatesTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final PrivateCa AUTHORITY = PrivateCa.create(NOW);

  private static X509Certificate certificate(String... names) {
    List<HostName> hosts = Stream.of(names).map(HostName::parse).toList();
    return AUTHORITY.server(hosts, PrivateCa.newKey().getPublic(), NOW, 100);
  }

  @ParameterizedTest
  @CsvSource({
    "weir.example.net, true",
    "WEIR.Example.net., true",
    "a.example.net, false",
    "a.many.example.net, true",
    "a.b.many.example.net, false",
    "many.example.net, false",
    "10.0.0.5, true",
    "10.0.0.6, false",
    "fd00:0::1, true",
    "fd00::2, false",
  })
  void aNameIsCoveredOrNot(String name, boolean isCovered) {
    X509Certificate certificate =
        certificate("weir.example.net", "*.many.example.net", "10.0.0.5", "fd00::1");
    assertThat(Certificates.covers(certificate, name)).isEqualTo(isCovered);
  }

  @Test
  void anAddressWrittenAsANameCoversNoAddress() {
    assertThat(Certificates.covers(certificate("*.0.0.example"), "10.0.0.5")).isFalse();
  }

  @Test
  void itsTimeIsKnown() {
    X509Certificate certificate = certificate("weir.example.net");
    assertThat(Certificates.whyNotValid(certificate, NOW)).isEmpty();
    assertThat(Certificates.whyNotValid(certificate, NOW.minus(1, ChronoUnit.DAYS)))
        .hasValue("is not valid before 2025-12-31T23:00:00Z");
    assertThat(Certificates.whyNotValid(certificate, NOW.plus(100, ChronoUnit.DAYS)))
        .hasValue("expired on 2026-04-10T22:59:59Z");
  }

  @Test
  void aKeyBelongsToItsCertificateOnly() {
    KeyPair own = PrivateCa.newKey();
    X509Certificate certificate = AUTHORITY.client("node-1", own.getPublic(), NOW, 1);
    assertThat(Certificates.belongTogether(own.getPrivate(), certificate)).isTrue();
    assertThat(Certificates.belongTogether(AUTHORITY.key(), certificate)).isFalse();
  }

  @Test
  void nothingOutlivesItsAuthority() {
    Instant late = AUTHORITY.certificate().getNotAfter().toInstant().minus(3, ChronoUnit.DAYS);
    X509Certificate certificate =
        AUTHORITY.client("node-1", PrivateCa.newKey().getPublic(), late, 100);
    assertThat(certificate.getNotAfter()).isEqualTo(AUTHORITY.certificate().getNotAfter());
  }

  @ParameterizedTest
  @CsvSource({
    "Weir.Example.NET, weir.example.net",
    "*.example.net, *.example.net",
    "my_registry, my_registry",
    "bücher.example, xn--bcher-kva.example",
    "10.0.0.5, 10.0.0.5",
    "[fd00::1], fd00:0:0:0:0:0:0:1",
    "::1, 0:0:0:0:0:0:0:1",
  })
  void aNameIsReadAsItIsWritten(String text, String name) {
    assertThat(HostName.parse(text)).hasToString(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "weir.example.net:5000",
        "https://weir.example.net",
        "a..b",
        "-a.example",
        "*",
        "a.*.example",
        "*example.net",
        "10.0.0",
        "10.0.0.300",
        "12",
        "fe80::1%eth0",
        "a b",
        "a\nb",
      })
  void whatIsNoNameIsRefused(String text) {
    assertThatThrownBy(() -> HostName.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a host name such as");
  }
}
