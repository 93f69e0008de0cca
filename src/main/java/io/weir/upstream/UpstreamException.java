package io.weir.upstream;

import io.weir.tracing.Span;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An upstream did not give what it was asked for.
 *
 * <p>The message is public: it names the upstream and the cause, and holds no credential, no token
 * and no query string.
 */
public final class UpstreamException extends RuntimeException implements Span.Failure {

  /** What a failure means. */
  public enum Kind {
    /** The upstream answered, and has no such thing. */
    NOT_FOUND,
    /** The upstream refused: credentials are missing, wrong or not enough. */
    DENIED,
    /** The upstream asks for patience. */
    RATE_LIMITED,
    /** No answer: refused, unreachable, cut off, or a server error. */
    UNAVAILABLE,
    /** No answer in time. */
    TIMEOUT,
    /** A document beyond what is taken here. */
    TOO_LARGE,
    /**
     * An answer that makes no sense: HTML instead of a manifest, a body that does not match its
     * digest.
     */
    INVALID
  }

  private final Kind kind;
  private final @Nullable Duration retryAfter;

  public UpstreamException(
      Kind kind, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.retryAfter = retryAfter;
  }

  public UpstreamException(Kind kind, String message) {
    this(kind, message, null, null);
  }

  public Kind kind() {
    return kind;
  }

  @Override
  public String errorType() {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** How long the upstream asked to wait, where it did. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
