package io.weir.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.metrics.CertificateUse;
import io.weir.testing.FakeClock;
import io.weir.testing.LogLines;
import io.weir.tls.HostName;
import io.weir.tls.PrivateCa;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ExpiryTest {

  private static final Path FILE = Path.of("tls.crt");

  private final FakeClock clock = new FakeClock();
  private final Instant begin = clock.instant();
  private final PrivateCa authority = PrivateCa.create(begin);
  @AutoClose private final LogLines log = new LogLines("io.weir.registry");

  private X509Certificate lasting(int days) {
    return authority.server(
        List.of(HostName.parse("weir.example.net")), PrivateCa.newKey().getPublic(), begin, days);
  }

  /** On which days something is said, when it is looked at hourly. */
  private List<Long> days(Expiry expiry, int until) {
    List<Long> days = new ArrayList<>();
    while (Duration.between(begin, clock.instant()).toDays() < until) {
      expiry.look(clock.instant());
      if (!log.take().isEmpty()) {
        days.add(Duration.between(begin, clock.instant()).toDays());
      }
      clock.advance(Duration.ofHours(1));
    }
    return days;
  }

  @Test
  void itIsSaid30And7DaysBeforeAndThenDaily() {
    Expiry expiry = new Expiry(CertificateUse.SERVER, FILE, List.of(lasting(100)));
    assertThat(days(expiry, 102))
        .containsExactly(69L, 92L, 93L, 94L, 95L, 96L, 97L, 98L, 99L, 100L, 101L);
  }

  /** What is renewed every few days would be spoken of all the time. */
  @Test
  void whatLivesShortIsSaidLate() {
    Expiry expiry = new Expiry(CertificateUse.SERVER, FILE, List.of(lasting(6)));
    assertThat(days(expiry, 7)).containsExactly(3L, 5L, 6L);
  }

  @Test
  void theFirstOfAChainCounts() {
    X509Certificate first = lasting(10);
    Expiry expiry =
        new Expiry(
            CertificateUse.CLIENT_CA, FILE, List.of(authority.certificate(), first, lasting(20)));
    assertThat(expiry.end()).isEqualTo(first.getNotAfter().toInstant());
  }

  @Test
  void itSaysWhichFileAndHowLong() {
    Expiry expiry = new Expiry(CertificateUse.CLIENT_CA, FILE, List.of(lasting(20)));
    clock.advance(Duration.ofDays(14));
    expiry.look(clock.instant());
    clock.advance(Duration.ofDays(7));
    expiry.look(clock.instant());
    assertThat(log.take())
        .containsExactly(
            "WARN registry.tls.client-ca: a certificate expires in 5 days",
            "ERROR registry.tls.client-ca: a certificate has expired");
  }

  /** Nothing is said again, and nothing is forgotten, by a clock that jumps. */
  @Test
  void aClockThatIsSetBackIsFollowed() {
    Expiry expiry = new Expiry(CertificateUse.SERVER, FILE, List.of(lasting(100)));
    clock.advance(Duration.ofDays(80));
    expiry.look(clock.instant());
    clock.jump(Duration.ofDays(-79));
    expiry.look(clock.instant());
    assertThat(log.take()).hasSize(1);
    clock.jump(Duration.ofDays(79));
    expiry.look(clock.instant());
    assertThat(log.take()).hasSize(1);
  }
}
