package io.weir.upstream;

import io.weir.metrics.Kind;
import io.weir.oci.Repository;
import io.weir.upstream.Challenge.Scheme;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests to one URL of an upstream as somebody whom it lets in.
 *
 * <p>What a URL wants to see is learnt from its first 401 and remembered, so that every later
 * request is authorized when it is first sent. Thread-safe: what is remembered is one value, and
 * two threads that learn at the same time learn the same.
 */
final class Authorizer {

  private static final Logger log = LoggerFactory.getLogger(Authorizer.class);

  /** The first request, one with what was learnt from its refusal, one with other credentials. */
  private static final int ROUNDS_MAX = 3;

  private final Endpoint endpoint;
  private final CredentialSource credentials;
  private final Verdict verdict;
  private final List<String> tokenRealms;
  private final Tokens tokens;
  private final Redirects redirects;
  private final Failures failures;
  private final AtomicBoolean hasWarned = new AtomicBoolean();

  /** Null until the URL has said what it wants. */
  private volatile @Nullable Challenge learnt;

  /**
   * What a request was sent with.
   *
   * @param basis the challenge that it answers, or null where none was known
   * @param held what the configuration has for this request, whether it could be shown or not
   * @param authorization the header, or null for none
   * @param shown the credential behind it, {@link Credential#ANONYMOUS} for none
   * @param key the key of its token, or null where it has none
   */
  private record Identity(
      @Nullable Challenge basis,
      Credential held,
      @Nullable String authorization,
      Credential shown,
      Tokens.@Nullable Key key,
      Tokens.@Nullable Grant grant) {

    static Identity nobody(@Nullable Challenge basis, Credential held) {
      return new Identity(basis, held, null, Credential.ANONYMOUS, null, null);
    }

    /** Whether it is known what the URL wants to see, so that what is held was looked for. */
    boolean wasAsked() {
      return basis != null && basis.scheme() != Scheme.NONE;
    }

    /** Whether a text holds what the request was sent with. */
    boolean isIn(String text) {
      return shown.isIn(text) || (grant != null && text.contains(grant.token()));
    }

    boolean isAnonymous() {
      return shown.equals(Credential.ANONYMOUS);
    }
  }

  Authorizer(
      Endpoint endpoint,
      CredentialSource credentials,
      Verdict verdict,
      List<String> tokenRealms,
      Tokens tokens,
      Redirects redirects,
      Failures failures) {
    this.endpoint = endpoint;
    this.credentials = credentials;
    this.verdict = verdict;
    this.tokenRealms = List.copyOf(tokenRealms);
    this.tokens = tokens;
    this.redirects = redirects;
    this.failures = failures;
  }

  /**
   * Sends a request that is about {@code repository}, or about none, and returns the answer, which
   * is a refusal only where nothing more can be done about it.
   */
  Exchange send(Request request, @Nullable Repository repository, Deadline deadline)
      throws TryFailedException {
    for (int round = 1; ; round++) {
      Identity identity = identify(repository, deadline);
      Exchange answer = redirects.send(request.withAuthorization(identity.authorization), deadline);
      answer.hide(identity::isIn);
      boolean isRefusal =
          answer.target().hasOriginOf(endpoint.base())
              && (answer.status() == 401 || answer.status() == 403 || answer.status() == 404);
      if (!isRefusal || round == ROUNDS_MAX || !hasMore(answer, identity, repository, deadline)) {
        note(answer.status(), isRefusal, identity);
        return answer;
      }
      answer.discard();
    }
  }

  /** Whoever redirects has taken them; a 403 or a 404 may be about the repository alone. */
  private void note(int status, boolean isRefusal, Identity identity) {
    if (identity.isAnonymous()) {
      return;
    }
    if (status < 400) {
      verdict.taken();
    } else if (isRefusal && status == 401) {
      verdict.refused("refused with 401");
    }
  }

  private Identity identify(@Nullable Repository repository, Deadline deadline)
      throws TryFailedException {
    Challenge challenge = learnt;
    if (challenge == null || challenge.scheme() == Scheme.NONE) {
      return Identity.nobody(challenge, Credential.ANONYMOUS);
    }
    Credential held = credentials.find(endpoint, repository, deadline);
    try {
      return identity(challenge, held, repository, deadline);
    } catch (TryFailedException e) {
      boolean isRefused = e.meaning().kind() == UpstreamException.Kind.DENIED;
      if (isRefused && credentials.renew(endpoint, repository, held, deadline)) {
        Credential other = credentials.find(endpoint, repository, deadline);
        return identity(challenge, other, repository, deadline);
      }
      throw e;
    }
  }

  private Identity identity(
      Challenge challenge, Credential held, @Nullable Repository repository, Deadline deadline)
      throws TryFailedException {
    if (challenge.scheme() == Scheme.BASIC) {
      return held instanceof Credential.Login login
          ? new Identity(challenge, held, login.basic(), login, null, null)
          : Identity.nobody(challenge, held);
    }
    if (held instanceof Credential.RegistryToken(String token)) {
      return new Identity(challenge, held, "Bearer " + token, held, null, null);
    }
    Target realm = realm(challenge);
    Credential shown = held;
    if (!endpoint.trusts(realm, tokenRealms)) {
      warnOfForeignRealm(held, realm);
      shown = Credential.ANONYMOUS;
    }
    String name = repository == null ? null : endpoint.nameOf(repository);
    Tokens.Key key = new Tokens.Key(realm, challenge.service(), challenge.scopeFor(name), shown);
    try {
      Tokens.Grant grant = tokens.get(key, deadline);
      return new Identity(challenge, held, "Bearer " + grant.token(), shown, key, grant);
    } catch (TryFailedException e) {
      boolean isRefused = e.meaning().kind() == UpstreamException.Kind.DENIED;
      if (isRefused && !shown.equals(Credential.ANONYMOUS)) {
        verdict.refused("refused by the token service");
      }
      throw e;
    }
  }

  private Target realm(Challenge challenge) throws TryFailedException {
    try {
      return endpoint.ping().resolve(challenge.realm());
    } catch (IllegalArgumentException e) {
      throw failures.invalid("the realm of its challenge is no http or https URL");
    }
  }

  private void warnOfForeignRealm(Credential credential, Target realm) {
    if (!credential.equals(Credential.ANONYMOUS) && hasWarned.compareAndSet(false, true)) {
      log.warn(
          "{}: the credentials are not shown to the token service at {}, which is not the"
              + " upstream's own host; name it in token-realms if it may see them",
          failures.upstream(),
          realm.authority());
    }
  }

  /** Whether a request after this refusal may fare better; closes it where that cannot be said. */
  private boolean hasMore(
      Exchange refusal, Identity identity, @Nullable Repository repository, Deadline deadline)
      throws TryFailedException {
    boolean isKnown = false;
    try {
      boolean hasMore = mayFareBetter(refusal, identity, repository, deadline);
      isKnown = true;
      return hasMore;
    } finally {
      if (!isKnown) {
        refusal.close();
      }
    }
  }

  private boolean mayFareBetter(
      Exchange refusal, Identity identity, @Nullable Repository repository, Deadline deadline)
      throws TryFailedException {
    if (refusal.status() != 401) {
      return identity.isAnonymous()
          ? credentials.isConfigured() && learnt == null && isNews(ping(deadline), identity)
          // ECR says 403 where a password has come to its end.
          : refusal.status() == 403
              && credentials.renew(endpoint, repository, identity.held, deadline);
    }
    List<String> lines = refusal.headers("WWW-Authenticate");
    Challenge challenge = lines.isEmpty() ? ping(deadline) : Challenge.parse(lines);
    boolean isNews = isNews(challenge, identity);
    if (identity.key != null && identity.grant != null && !identity.grant.isFresh()) {
      tokens.drop(identity.key, identity.grant.token());
      return true;
    }
    return isNews
        || (identity.wasAsked()
            && credentials.renew(endpoint, repository, identity.held, deadline));
  }

  /** What the version check asks for; some registries say it nowhere else. */
  private Challenge ping(Deadline deadline) throws TryFailedException {
    Exchange answer = redirects.send(Request.get(Kind.OTHER, endpoint.ping()), deadline);
    Challenge challenge =
        answer.status() == 401
            ? Challenge.parse(answer.headers("WWW-Authenticate"))
            : Challenge.NONE;
    answer.discard();
    return challenge;
  }

  /** Remembers what the URL asks for. Returns whether that is something else than was shown. */
  private boolean isNews(Challenge challenge, Identity identity) {
    if (challenge.scheme() != Scheme.NONE || learnt == null) {
      learnt = challenge;
    }
    return challenge.scheme() != Scheme.NONE
        && (identity.basis == null || !identity.basis.asksLike(challenge));
  }
}
