package io.weir.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslContext;
import io.weir.config.Config;
import io.weir.metrics.Metrics;
import io.weir.testing.FakeClock;
import io.weir.testing.LogLines;
import io.weir.testing.TestAuthority;
import io.weir.testing.WeirServer;
import io.weir.watch.FileWatch;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that were refused, and that time makes good. */
class TlsFilesRetryTest {

  private static final String NAME = "weir.example.net";

  @TempDir private Path folder;

  private final FakeClock clock = new FakeClock();
  @AutoClose private final FileWatch watch = new FileWatch();
  @AutoClose private final LogLines log = new LogLines("io.weir.registry");

  @Test
  void aCertificateOfTheFutureIsTakenWhenItIsTime() throws IOException {
    TestAuthority authority = new TestAuthority(folder);
    authority.written(authority.server(clock.instant(), NAME));
    Config config =
        WeirServer.in(folder)
            .tls(authority.config())
            .upstream("hub", URI.create("http://127.0.0.1:1"))
            .config();
    try (TlsFiles tls = new TlsFiles(config, watch, clock, new Metrics("test"))) {
      SslContext before = tls.context();
      log.take();
      authority.written(authority.server(clock.instant().plus(Duration.ofDays(2)), NAME));
      look();
      tls.look();
      look();
      assertThat(log.take())
          .singleElement()
          .asString()
          .contains("is not valid before 2026-01-02T23");
      assertThat(tls.context()).isSameAs(before);

      clock.advance(Duration.ofDays(2));
      tls.look();
      look();
      assertThat(tls.context()).isNotSameAs(before);
      assertThat(log.take())
          .containsExactly("INFO new connections get the certificate of registry.tls.cert");
    }
  }

  private void look() {
    watch.look();
    watch.look();
  }
}
