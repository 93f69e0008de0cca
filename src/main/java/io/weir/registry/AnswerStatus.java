package io.weir.registry;

import io.weir.metrics.Outcome;
import io.weir.oci.Origin;
import java.net.InetAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A body on its way to a client, at one moment.
 *
 * @param id a number that no other answer has; rises in the order in which they began
 * @param client where the request came from; null where the connection is gone already
 * @param user who asked; empty for one who did not say
 * @param origin what was asked for
 * @param reference the blob's digest
 * @param sizeBytes how long the body is to be; −1 where nobody knows
 * @param sentBytes how much of it went out
 * @param outcome how the cache answers
 * @param started when the request came
 */
public record AnswerStatus(
    long id,
    @Nullable InetAddress client,
    String user,
    Origin origin,
    String reference,
    long sizeBytes,
    long sentBytes,
    Outcome outcome,
    Instant started) {

  /**
   * That of an answer that has begun to go out.
   *
   * @param origin that of the exchange
   */
  static AnswerStatus of(long id, Exchange exchange, Origin origin, Instant now) {
    return new AnswerStatus(
        id,
        exchange.entrance().client().address(),
        exchange.user(),
        origin,
        exchange.reference(),
        exchange.announcedBytes(),
        exchange.bodyBytes(),
        exchange.outcome(),
        now.minusMillis((long) (exchange.seconds() * 1000)));
  }
}
