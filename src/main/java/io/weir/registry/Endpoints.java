package io.weir.registry;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.weir.auth.Admission;
import io.weir.auth.Caller;
import io.weir.auth.Entry;
import io.weir.cache.Cache;
import io.weir.cache.ManifestAnswer;
import io.weir.cache.StoredManifest;
import io.weir.metrics.Kind;
import io.weir.oci.Digest;
import io.weir.oci.ErrorCode;
import io.weir.oci.MediaType;
import io.weir.oci.Origin;
import io.weir.oci.Reference;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The endpoints of the registry API, one method each; blobs and lists have classes of their own.
 * Called on event loops.
 *
 * @see <a
 *     href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints">distribution-spec
 *     1.1.1, endpoints</a>
 */
final class Endpoints {

  private static final byte[] PING_BODY = "{}".getBytes(StandardCharsets.US_ASCII);

  /** What one configuration says, so that no request is read by one and let in by another. */
  private record InForce(Routes routes, Admission admission) {}

  private final Cache cache;
  private final BlobEndpoint blobs;
  private final Listings listings;
  private volatile InForce inForce;

  Endpoints(Addressing addressing, Admission admission, Cache cache) {
    this.cache = cache;
    this.blobs = new BlobEndpoint(cache);
    this.listings = new Listings(cache);
    this.inForce = new InForce(new Routes(addressing), admission);
  }

  /** Reads requests that come from now on by another configuration. */
  void use(Addressing addressing, Admission admission) {
    inForce = new InForce(new Routes(addressing), admission);
  }

  /** Answers a request. */
  void answer(Exchange exchange) {
    try {
      HttpMethod method = exchange.request().method();
      if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
        exchange.fail(
            ErrorAnswer.of(
                405,
                ErrorCode.UNSUPPORTED,
                "this is a pull-through cache: nothing can be pushed or deleted"));
        return;
      }
      InForce rules = inForce;
      if (rules.admission().isOpen()) {
        route(exchange, rules, Caller.ANYBODY);
      } else {
        admit(exchange, rules);
      }
    } catch (RuntimeException e) {
      exchange.fail(e);
    }
  }

  private void admit(Exchange exchange, InForce rules) {
    Entrance entrance = exchange.entrance();
    InetAddress client = entrance.client().address();
    if (client == null) {
      exchange.connectionLost();
      return;
    }
    Entry entry =
        rules
            .admission()
            .enter(
                entrance.certificate(),
                exchange.header(HttpHeaderNames.AUTHORIZATION),
                client,
                entrance.isNear());
    if (entry instanceof Entry.Pending pending) {
      exchange.offLoop(() -> {
        Entry decided = pending.await();
        return () -> enter(exchange, rules, decided);
      });
    } else {
      enter(exchange, rules, entry);
    }
  }

  private void enter(Exchange exchange, InForce rules, Entry entry) {
    switch (entry) {
      case Entry.Admitted(Caller caller) -> {
        exchange.by(caller.user());
        route(exchange, rules, caller);
      }
      case Entry.Refused(String reason) ->
          exchange.fail(ErrorAnswer.of(401, ErrorCode.UNAUTHORIZED, reason));
      case Entry.HeldUp(String reason, Duration wait) ->
          // Retry-After has whole seconds, and one that is cut short would be too early.
          exchange.fail(ErrorAnswer.tooMany(reason, wait.plusMillis(999)));
      case Entry.Pending _ -> throw new IllegalStateException("it was awaited");
    }
  }

  private void route(Exchange exchange, InForce rules, Caller caller) {
    Routes routes = rules.routes();
    String listener = exchange.entrance().upstream();
    String host = exchange.header(HttpHeaderNames.HOST);
    String uri = exchange.request().uri();
    Routes.Route route = routes.recall(listener, host, uri);
    Query query = route != null ? route.query() : Query.parse(uri);
    if (!query.namespaces().isEmpty()) {
      exchange.namespace(query.namespaces().getFirst());
    }
    if (route == null) {
      RequestPath path = RequestPath.parse(query.rawPath());
      exchange.about(kind(path.endpoint()), null, path.reference());
      route = routes.read(listener, host, uri, query, path);
    }
    Target target = route.target();
    describe(exchange, target);
    Origin origin = target.origin();
    if (origin != null && !caller.mayPull(origin)) {
      exchange.fail(refusal(caller, origin, rules.admission()));
      return;
    }
    switch (target) {
      case Target.Ping _ -> ping(exchange, caller, rules.admission());
      case Target.Manifest manifest -> manifest(exchange, manifest);
      case Target.Blob blob -> blobs.answer(exchange, blob);
      case Target.Tags tags -> listings.tags(exchange, tags, query);
      case Target.Referrers referrers -> listings.referrers(exchange, referrers, query);
      case Target.Catalog catalog -> listings.catalog(exchange, catalog, query, caller);
    }
  }

  private static ErrorAnswer refusal(Caller caller, Origin origin, Admission admission) {
    return admission.mayLogIn(caller)
        ? ErrorAnswer.of(401, ErrorCode.UNAUTHORIZED, "log in first")
        : ErrorAnswer.of(
            403,
            ErrorCode.DENIED,
            "the configuration does not let %s pull %s"
                .formatted(caller.isAnonymous() ? "anonymous clients" : "this user", origin));
  }

  /**
   * containers/image and go-containerregistry learn here whether to send a login at all, so whoever
   * may need one anywhere is asked for it here.
   */
  private static void ping(Exchange exchange, Caller caller, Admission admission) {
    if (admission.mayLogIn(caller)) {
      exchange.fail(
          ErrorAnswer.of(401, ErrorCode.UNAUTHORIZED, "some of what is here needs a login"));
    } else {
      exchange.send(exchange.whole(HttpResponseStatus.OK, MediaType.JSON, PING_BODY));
    }
  }

  private static void describe(Exchange exchange, Target target) {
    switch (target) {
      case Target.Ping _, Target.Catalog _ -> exchange.about(Kind.OTHER, null, "");
      case Target.Manifest(Origin origin, Reference reference) ->
          exchange.about(Kind.MANIFEST, origin, reference.toString());
      case Target.Blob(Origin origin, Digest digest) ->
          exchange.about(Kind.BLOB, origin, digest.toString());
      case Target.Tags(Origin origin, _) -> exchange.about(Kind.TAGS, origin, "");
      case Target.Referrers(Origin origin, Digest digest) ->
          exchange.about(Kind.REFERRERS, origin, digest.toString());
    }
  }

  private static Kind kind(RequestPath.Endpoint endpoint) {
    return switch (endpoint) {
      case MANIFEST -> Kind.MANIFEST;
      case BLOB -> Kind.BLOB;
      case TAGS -> Kind.TAGS;
      case REFERRERS -> Kind.REFERRERS;
      case PING, CATALOG -> Kind.OTHER;
    };
  }

  private void manifest(Exchange exchange, Target.Manifest target) {
    ManifestAnswer recalled = cache.recallManifest(target.origin(), target.reference());
    if (recalled != null) {
      sendManifest(exchange, target.origin(), recalled);
      return;
    }
    exchange.offLoop(() -> {
      ManifestAnswer answer = cache.manifest(target.origin(), target.reference());
      return () -> sendManifest(exchange, target.origin(), answer);
    });
  }

  private void sendManifest(Exchange exchange, Origin origin, ManifestAnswer answer) {
    StoredManifest manifest = answer.manifest();
    // A node that has the image only asks what its tag is, again and again: it is in use.
    cache.pulled(origin, manifest.digest());
    exchange.status(answer.status());
    if (Validators.isNotModified(exchange, manifest.digest())) {
      Validators.sendNotModified(exchange, manifest.digest());
      return;
    }
    if (!exchange.isHead()) {
      cache.willPull(origin, manifest, exchange.span());
    }
    FullHttpResponse response =
        exchange.whole(HttpResponseStatus.OK, manifest.mediaType(), manifest.content());
    Validators.identify(response.headers(), manifest.digest());
    exchange.send(response);
  }
}
