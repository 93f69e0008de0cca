package io.weir.upstream;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.vertx.core.file.FileSystemException;
import io.weir.upstream.TryFailedException.Remedy;
import io.weir.upstream.UpstreamException.Kind;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What went wrong, in words that may be shown to anybody: the upstream, the cause, and host and
 * port; no credential, no query string.
 *
 * @param upstream the upstream's name
 * @param connectLimit the time limit for connections, named where it ran out
 * @param responseLimit the time limit for answers, named where it ran out
 * @param clock for dates in {@code Retry-After}
 */
record Failures(
    String upstream, Duration connectLimit, Duration responseLimit, InstantSource clock) {

  private static final JsonMapper JSON = JsonMapper.shared();

  /** How much of an error's body is read to find out what the upstream says. */
  private static final int ERROR_BYTES_MAX = 64 << 10;

  private static final int MESSAGE_LENGTH_MAX = 200;

  /**
   * There was no connection.
   *
   * @param place the host and the port, and the proxy if there is one
   */
  TryFailedException connecting(Throwable cause, String place) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      switch (t) {
        case ConnectTimeoutException _, SslHandshakeTimeoutException _ -> {
          return notConnected(place);
        }
        case UnknownHostException _ -> {
          return unreachable("unknown host", place, Remedy.ELSEWHERE, cause);
        }
        case ProxyConnectException _ -> {
          return unreachable("the proxy does not connect", place, Remedy.ELSEWHERE, cause);
        }
        case FileSystemException _, java.nio.file.FileSystemException _ -> {
          return tlsFiles(cause, place);
        }
        case SSLException _, GeneralSecurityException _ -> {
          return unreachable(tlsProblem(t), place, Remedy.ELSEWHERE, cause);
        }
        case IllegalStateException _ -> {
          return unreachable("the client is closed", place, Remedy.ELSEWHERE, cause);
        }
        case ConnectException _ -> {
          return unreachable(connectProblem(t), place, Remedy.LATER, cause);
        }
        default -> {}
      }
    }
    return unreachable("no connection", place, Remedy.LATER, cause);
  }

  /** There can be no connection: a file of {@code tls} is missing, or not what it should be. */
  TryFailedException tlsFiles(Throwable cause, String place) {
    return unreachable("its TLS files cannot be used", place, Remedy.ELSEWHERE, cause);
  }

  /** There was no connection in time. */
  TryFailedException notConnected(String place) {
    return new TryFailedException(
        new UpstreamException(
            Kind.TIMEOUT,
            "%s: no connection within %s (%s)".formatted(upstream, text(connectLimit), place)),
        Remedy.ELSEWHERE);
  }

  private static String connectProblem(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return message.contains("refused") ? "connection refused" : "unreachable";
  }

  private static String tlsProblem(Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      boolean isCertificate =
          t instanceof GeneralSecurityException
              || String.valueOf(t.getMessage()).toLowerCase(Locale.ROOT).contains("cert");
      if (isCertificate) {
        return "certificate problem: its certificate is not trusted, or is not for this host";
      }
    }
    return "TLS handshake failed";
  }

  /** There was a connection, and no answer. */
  TryFailedException answering(Throwable cause, Target target) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof SSLException) {
        return unreachable(tlsProblem(t), target.hostAndPort(), Remedy.ELSEWHERE, cause);
      }
      if (t instanceof IllegalArgumentException || t instanceof IllegalStateException) {
        return unreachable("the answer is not HTTP", target.hostAndPort(), Remedy.ELSEWHERE, cause);
      }
    }
    return unreachable(
        "connection closed without an answer", target.hostAndPort(), Remedy.AT_ONCE, cause);
  }

  /** There was a connection, and no answer in time. */
  TryFailedException notAnswered(Target target) {
    return new TryFailedException(
        new UpstreamException(
            Kind.TIMEOUT,
            "%s: no answer within %s (%s)"
                .formatted(upstream, text(responseLimit), target.hostAndPort())),
        Remedy.ELSEWHERE);
  }

  private TryFailedException unreachable(
      String what, String place, Remedy remedy, @Nullable Throwable cause) {
    return new TryFailedException(
        new UpstreamException(
            Kind.UNAVAILABLE, "%s: %s (%s)".formatted(upstream, what, place), null, cause),
        remedy);
  }

  /**
   * The answer was an error. Reads it and closes it. What it says is passed on, unless it repeats a
   * secret of the request.
   *
   * @param speaker who answered, for the message: {@code answered}, {@code the token service
   *     answered}
   */
  TryFailedException answered(Exchange exchange, String speaker) {
    int status = exchange.status();
    String wish = exchange.header("Retry-After");
    boolean asksForPatience = status == 429 || (status == 503 && wish != null);
    Duration retryAfter = asksForPatience ? RetryAfter.parse(wish, clock.instant()) : null;
    String said;
    try (exchange) {
      said = message(exchange.read(ERROR_BYTES_MAX));
    } catch (UpstreamException e) {
      said = "";
    }
    String detail = said.isEmpty() || exchange.hides(said) ? "" : ": " + said;
    return new TryFailedException(
        new UpstreamException(
            kind(status), upstream + ": " + speaker + ' ' + status + detail, retryAfter, null),
        remedy(status));
  }

  private static Kind kind(int status) {
    return switch (status) {
      case 401, 403 -> Kind.DENIED;
      case 404 -> Kind.NOT_FOUND;
      case 429 -> Kind.RATE_LIMITED;
      default -> status >= 500 ? Kind.UNAVAILABLE : Kind.INVALID;
    };
  }

  private static Remedy remedy(int status) {
    return switch (status) {
      case 429 -> Remedy.ELSEWHERE;
      case 502, 503, 504 -> Remedy.LATER;
      default -> status >= 500 ? Remedy.PERHAPS_ELSEWHERE : Remedy.NOTHING;
    };
  }

  /** The message of the first error of the specification's document; empty where it is not one. */
  private static String message(byte[] body) {
    String message;
    try {
      message = JSON.readTree(body).path("errors").path(0).path("message").asString("");
    } catch (JacksonException e) {
      return "";
    }
    String clean = message.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return clean.length() <= MESSAGE_LENGTH_MAX
        ? clean
        : clean.substring(0, MESSAGE_LENGTH_MAX) + "…";
  }

  /** An answer that is used nowhere. */
  TryFailedException invalid(String what) {
    return new TryFailedException(
        new UpstreamException(Kind.INVALID, upstream + ": " + what), Remedy.NOTHING);
  }

  /** A document beyond what is taken here. */
  TryFailedException tooLarge(String what, int sizeBytesMax) {
    String message = "%s: %s is larger than %d MiB".formatted(upstream, what, sizeBytesMax >> 20);
    return new TryFailedException(new UpstreamException(Kind.TOO_LARGE, message), Remedy.NOTHING);
  }

  /** The caller was interrupted; its interrupt status is set again. */
  static UpstreamException interrupted(String upstream) {
    Thread.currentThread().interrupt();
    return new UpstreamException(Kind.UNAVAILABLE, upstream + ": the request was given up");
  }

  /** A duration for people: {@code 30 s}, {@code 250 ms}. */
  static String text(Duration duration) {
    return duration.toMillisPart() == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
  }
}
