package io.weir.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ConnectTimeoutException;
import io.weir.testing.FakeClock;
import io.weir.upstream.TryFailedException.Remedy;
import io.weir.upstream.UpstreamException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathValidatorException;
import java.time.Duration;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** The words for what cannot be brought about on a loopback interface. */
class FailuresTest {

  private final Failures failures =
      new Failures("quay.io", Duration.ofSeconds(5), Duration.ofSeconds(30), new FakeClock());

  private void assertConnecting(Throwable cause, String message, Kind kind, Remedy remedy) {
    TryFailedException failed = failures.connecting(cause, "quay.io:443");
    assertThat(failed.meaning()).hasMessage(message);
    assertThat(failed.meaning().kind()).isEqualTo(kind);
    assertThat(failed.remedy()).isEqualTo(remedy);
  }

  @Test
  void whatPreventsAConnectionIsNamed() {
    assertConnecting(
        new UnknownHostException("Failed to resolve 'quay.io'"),
        "quay.io: unknown host (quay.io:443)",
        Kind.UNAVAILABLE,
        Remedy.ELSEWHERE);
    assertConnecting(
        new ConnectTimeoutException("connection timed out"),
        "quay.io: no connection within 5 s (quay.io:443)",
        Kind.TIMEOUT,
        Remedy.ELSEWHERE);
    assertConnecting(
        new ConnectException("No route to host"),
        "quay.io: unreachable (quay.io:443)",
        Kind.UNAVAILABLE,
        Remedy.LATER);
    assertConnecting(
        new IOException("Connection reset by peer"),
        "quay.io: no connection (quay.io:443)",
        Kind.UNAVAILABLE,
        Remedy.LATER);
  }

  @Test
  void aCertificateIsToldFromOtherTroubleWithTls() {
    assertConnecting(
        new SSLHandshakeException("x").initCause(new CertPathValidatorException("expired")),
        "quay.io: certificate problem: its certificate is not trusted, or is not for this host"
            + " (quay.io:443)",
        Kind.UNAVAILABLE,
        Remedy.ELSEWHERE);
    assertConnecting(
        new SSLHandshakeException("Received fatal alert: handshake_failure"),
        "quay.io: TLS handshake failed (quay.io:443)",
        Kind.UNAVAILABLE,
        Remedy.ELSEWHERE);
  }

  @Test
  void durationsAreWrittenForPeople() {
    assertThat(Failures.text(Duration.ofSeconds(30))).isEqualTo("30 s");
    assertThat(Failures.text(Duration.ofMillis(1500))).isEqualTo("1500 ms");
  }
}
