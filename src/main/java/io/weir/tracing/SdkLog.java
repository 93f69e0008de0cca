package io.weir.tracing;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * What the OpenTelemetry SDK says by {@code java.util.logging}, in our log: its warnings, and one a
 * minute, since with a collector that is away it has one for every batch. For the whole process.
 */
final class SdkLog extends Handler {

  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(Tracing.class);

  /** Held here, because the JDK forgets loggers that nobody holds, and their handlers. */
  private static final Logger SDK = Logger.getLogger("io.opentelemetry");

  private static final Duration PAUSE = Duration.ofMinutes(1);

  private final SimpleFormatter formatter = new SimpleFormatter();
  private final AtomicLong nextNanos = new AtomicLong(System.nanoTime());

  SdkLog() {}

  /** From now on the SDK says nothing elsewhere. */
  static synchronized void capture() {
    if (SDK.getUseParentHandlers()) {
      SDK.setUseParentHandlers(false);
      SDK.addHandler(new SdkLog());
    }
  }

  @Override
  public void publish(LogRecord said) {
    if (said.getLevel().intValue() < Level.WARNING.intValue()) {
      return;
    }
    long now = System.nanoTime();
    long next = nextNanos.get();
    if (now - next >= 0 && nextNanos.compareAndSet(next, now + PAUSE.toNanos())) {
      LOG.warn("{}{}", formatter.formatMessage(said), cause(said.getThrown()));
    }
  }

  private static String cause(@Nullable Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof UncheckedIOException || cause instanceof CompletionException) {
      cause = cause.getCause();
    }
    if (cause == null) {
      return "";
    }
    String message = cause.getMessage();
    return " (" + (message == null ? cause.getClass().getSimpleName() : message) + ')';
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
