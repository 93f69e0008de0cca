package io.weir.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.http.HttpMethod;
import io.weir.metrics.Kind;
import io.weir.upstream.TryFailedException.Remedy;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The access tokens of one upstream: fetched once for all requests that need the same one, and kept
 * until shortly before they end.
 *
 * <p>The thread that finds no token fetches it; others that want the same wait for that fetch, and
 * share its failure. Thread-safe.
 *
 * @see <a href="https://distribution.github.io/distribution/spec/auth/token/">Docker token
 *     authentication</a>
 * @see <a href="https://distribution.github.io/distribution/spec/auth/oauth/">Docker OAuth2</a>
 */
final class Tokens {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int ANSWER_BYTES_MAX = 64 << 10;
  private static final int TOKENS_MAX = 10_000;

  /** The life of a token whose answer does not say; from the specification. */
  private static final long LIFE_SECONDS_DEFAULT = 60;

  /** A token counts as ended this much earlier, or after three quarters of a life that is short. */
  private static final Duration SKEW = Duration.ofSeconds(10);

  private final Transport transport;
  private final Redirects redirects;
  private final Failures failures;
  private final InstantSource clock;
  private final Duration waitLimit;
  private final Cache<Key, CompletableFuture<Token>> tokens =
      Caffeine.newBuilder().maximumSize(TOKENS_MAX).build();

  /** Requests with equal keys share a token. */
  record Key(
      Target realm, @Nullable String service, @Nullable String scope, Credential credential) {}

  private record Token(String text, Instant end) {}

  /**
   * A token to use.
   *
   * @param isFresh whether it was fetched for this caller, and so cannot be out of date
   */
  record Grant(String token, boolean isFresh) {}

  /**
   * @param waitLimit how long a caller waits for the fetch of another
   */
  Tokens(
      Transport transport,
      Redirects redirects,
      Failures failures,
      InstantSource clock,
      Duration waitLimit) {
    this.transport = transport;
    this.redirects = redirects;
    this.failures = failures;
    this.clock = clock;
    this.waitLimit = waitLimit;
  }

  /** A token for {@code key}: one that is known, or a new one. */
  Grant get(Key key, Deadline deadline) throws TryFailedException {
    CompletableFuture<Token> mine = new CompletableFuture<>();
    while (true) {
      CompletableFuture<Token> known = tokens.asMap().putIfAbsent(key, mine);
      if (known == null) {
        return new Grant(fetch(key, mine, deadline).text, true);
      }
      Token token = await(known, key.realm, deadline);
      if (clock.instant().isBefore(token.end)) {
        return new Grant(token.text, false);
      }
      tokens.asMap().remove(key, known);
    }
  }

  /** Forgets {@code token}, which a registry refused; a newer one stays. */
  void drop(Key key, String token) {
    CompletableFuture<Token> known = tokens.getIfPresent(key);
    if (known != null
        && known.isDone()
        && !known.isCompletedExceptionally()
        && known.join().text.equals(token)) {
      tokens.asMap().remove(key, known);
    }
  }

  private Token fetch(Key key, CompletableFuture<Token> mine, Deadline deadline)
      throws TryFailedException {
    try {
      Token token = fetch(key, deadline);
      mine.complete(token);
      return token;
    } catch (TryFailedException | RuntimeException | Error e) {
      tokens.asMap().remove(key, mine);
      mine.completeExceptionally(e);
      throw e;
    }
  }

  private Token await(CompletableFuture<Token> known, Target realm, Deadline deadline)
      throws TryFailedException {
    try {
      return known.get(deadline.limit(waitLimit).toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TryFailedException failed) {
        throw new TryFailedException(failed.meaning(), failed.remedy());
      }
      throw failures.answering(e, realm);
    } catch (TimeoutException e) {
      throw failures.notAnswered(realm);
    } catch (InterruptedException e) {
      throw Failures.interrupted(failures.upstream());
    }
  }

  private Token fetch(Key key, Deadline deadline) throws TryFailedException {
    return switch (key.credential) {
      case Credential.IdentityToken identity -> {
        Exchange answer = transport.send(post(key, identity), deadline);
        answer.hide(identity::isIn);
        if (answer.status() == 200) {
          yield read(answer);
        }
        if (!isPostUnknown(answer.status())) {
          throw failures.answered(answer, "the token service answered");
        }
        answer.discard();
        yield read(get(key, identity.asLogin().basic(), deadline));
      }
      case Credential.Login login -> read(get(key, login.basic(), deadline));
      case Credential.Anonymous _, Credential.RegistryToken _ -> read(get(key, null, deadline));
    };
  }

  /** What the token services of ghcr.io, gcr.io, ACR and Artifactory answer to a POST. */
  private static boolean isPostUnknown(int status) {
    return status == 400 || status == 401 || status == 404 || status == 405;
  }

  /** Not redirected: its body is the secret. */
  private static Request post(Key key, Credential.IdentityToken identity) {
    String form =
        "grant_type=refresh_token&client_id=weir"
            + parameter("service", key.service)
            + parameter("scope", key.scope)
            + parameter("refresh_token", identity.token());
    return new Request(
            Kind.OTHER, HttpMethod.POST, key.realm, Map.of(), null, form, new SendCount())
        .withHeader("Content-Type", "application/x-www-form-urlencoded");
  }

  private Exchange get(Key key, @Nullable String authorization, Deadline deadline)
      throws TryFailedException {
    String query = parameter("service", key.service) + parameter("scope", key.scope);
    String url = key.realm.pathAndQuery();
    if (!query.isEmpty()) {
      url += url.indexOf('?') < 0 ? '?' + query.substring(1) : query;
    }
    Request request =
        Request.get(Kind.OTHER, key.realm.withPath(url)).withAuthorization(authorization);
    Exchange answer = redirects.send(request, deadline);
    answer.hide(key.credential::isIn);
    if (answer.status() != 200) {
      throw refused(failures.answered(answer, "the token service answered"));
    }
    return answer;
  }

  /** A token service has no content, so whatever it says against a request is a refusal. */
  private TryFailedException refused(TryFailedException failed) {
    UpstreamException.Kind kind = failed.meaning().kind();
    if (kind != UpstreamException.Kind.NOT_FOUND && kind != UpstreamException.Kind.INVALID) {
      return failed;
    }
    return new TryFailedException(
        new UpstreamException(
            UpstreamException.Kind.DENIED, String.valueOf(failed.meaning().getMessage())),
        Remedy.NOTHING);
  }

  private static String parameter(String name, @Nullable String value) {
    return value == null ? "" : '&' + name + '=' + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private Token read(Exchange answer) throws TryFailedException {
    JsonNode document;
    try (answer) {
      document = JSON.readTree(answer.read(ANSWER_BYTES_MAX));
    } catch (JacksonException e) {
      throw failures.invalid("the token service's answer is not JSON");
    }
    String text = document.path("token").asString("");
    if (text.isEmpty()) {
      text = document.path("access_token").asString("");
    }
    if (text.isEmpty() || !text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw failures.invalid("the token service's answer has no token");
    }
    long seconds = document.path("expires_in").asLong(0);
    long life = seconds > 0 ? seconds : LIFE_SECONDS_DEFAULT;
    return new Token(text, end(Math.min(life, jwtLifeSeconds(text))));
  }

  /** Counted from now by this clock, whatever the issuer's clock says. */
  private Instant end(long lifeSeconds) {
    Duration life = Duration.ofSeconds(lifeSeconds);
    Duration skew = life.dividedBy(4).compareTo(SKEW) < 0 ? life.dividedBy(4) : SKEW;
    return clock.instant().plus(life).minus(skew);
  }

  /** How long the token itself says that it lives, if it is a JWT; else without end. */
  private long jwtLifeSeconds(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return Long.MAX_VALUE;
    }
    try {
      JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
      long end = claims.path("exp").asLong(0);
      long issued = claims.path("iat").asLong(clock.instant().getEpochSecond());
      return end == 0 ? Long.MAX_VALUE : Math.max(0, end - issued);
    } catch (IllegalArgumentException | JacksonException e) {
      return Long.MAX_VALUE;
    }
  }
}
