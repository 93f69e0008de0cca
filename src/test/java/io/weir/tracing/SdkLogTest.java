package io.weir.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.LogLines;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.util.concurrent.CompletionException;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class SdkLogTest {

  @Test
  void ofManyWarningsOneIsLoggedAndOfTheRestNone() {
    SdkLog sdk = new SdkLog();
    try (LogLines log = new LogLines("io.weir.tracing")) {
      sdk.publish(said(Level.INFO, "hello {0}"));
      for (int i = 0; i < 5; i++) {
        LogRecord failed = said(Level.SEVERE, "spans to {0} failed");
        failed.setThrown(new CompletionException(new UncheckedIOException(new ConnectException())));
        sdk.publish(failed);
      }

      assertThat(log.take()).containsExactly("WARN spans to nobody failed (ConnectException)");
    }
  }

  private static LogRecord said(Level level, String message) {
    LogRecord said = new LogRecord(level, message);
    said.setParameters(new Object[] {"nobody"});
    return said;
  }
}
