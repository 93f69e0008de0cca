package io.weir.registry;

import io.weir.metrics.CertificateUse;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Says in the log that the certificates of a file near their end: 30 days before it, 7 days before
 * it, and from then on daily. What lives for a short time only is renewed late, so that it is not
 * spoken of before the last third, and not daily before the last tenth of its life. Used by one
 * thread at a time.
 */
final class Expiry {

  private static final Logger LOG = LoggerFactory.getLogger(Expiry.class);

  private static final Duration SOON = Duration.ofDays(30);
  private static final Duration URGENT = Duration.ofDays(7);

  private final CertificateUse use;
  private final Path file;
  private final Instant end;
  private final Duration soon;
  private final Duration urgent;
  private long said;

  /**
   * @param use what they are for
   * @param certificates what it holds, at least one; the one that ends first counts
   */
  Expiry(CertificateUse use, Path file, List<X509Certificate> certificates) {
    X509Certificate first =
        certificates.stream().min(Comparator.comparing(X509Certificate::getNotAfter)).orElseThrow();
    this.use = use;
    this.file = file;
    this.end = first.getNotAfter().toInstant();
    Duration life = Duration.between(first.getNotBefore().toInstant(), end);
    this.soon = shorter(SOON, life.dividedBy(3));
    this.urgent = shorter(URGENT, life.dividedBy(10));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** What the certificates are for. */
  CertificateUse use() {
    return use;
  }

  /** When the first of them ends. */
  Instant end() {
    return end;
  }

  /** Says what has not been said yet. */
  void look(Instant now) {
    Duration left = Duration.between(now, end);
    long stage = stage(left);
    if (stage > said && left.isNegative()) {
      entry(LOG.atError()).log("{}: a certificate has expired", key());
    } else if (stage > said) {
      entry(LOG.atWarn()).log("{}: a certificate expires in {}", key(), text(left));
    }
    said = stage; // also downwards: the clock may have been wrong
  }

  private String key() {
    return switch (use) {
      case SERVER -> "registry.tls.cert";
      case CLIENT_CA -> "registry.tls.client-ca";
    };
  }

  private LoggingEventBuilder entry(LoggingEventBuilder event) {
    return event.addKeyValue("file", file.toString()).addKeyValue("end", end);
  }

  private static String text(Duration left) {
    return left.toDays() > 1 ? left.toDays() + " days" : left.toHours() + " hours";
  }

  /** 0 for no need to speak, 1 for soon, and then one more each day, also past the end. */
  private long stage(Duration left) {
    if (left.compareTo(urgent) <= 0) {
      return 2 + urgent.minus(left).toDays();
    }
    return left.compareTo(soon) <= 0 ? 1 : 0;
  }
}
