package io.weir.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes an encoder when the first event comes. The JSON encoder takes a third of a second, which
 * the queue's thread can spend while the server already listens.
 */
final class DeferredEncoder extends EncoderBase<ILoggingEvent> {

  private static final byte[] NOTHING = {};

  private final Supplier<Encoder<ILoggingEvent>> maker;
  private @Nullable Encoder<ILoggingEvent> encoder; // only on the queue's thread

  DeferredEncoder(Supplier<Encoder<ILoggingEvent>> maker) {
    this.maker = maker;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    if (encoder == null) {
      encoder = maker.get();
    }
    return encoder.encode(event);
  }

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }
}
