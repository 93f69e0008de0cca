package io.weir.registry;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.weir.cache.Cache;
import io.weir.cache.ManifestAnswer;
import io.weir.cache.StoredManifest;
import io.weir.metrics.Kind;
import io.weir.oci.ErrorCode;
import io.weir.oci.MediaType;
import io.weir.oci.Origin;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

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

  private volatile Routes routes;
  private final Cache cache;
  private final BlobEndpoint blobs;
  private final Listings listings;

  Endpoints(Addressing addressing, Cache cache) {
    this.routes = new Routes(addressing);
    this.cache = cache;
    this.blobs = new BlobEndpoint(cache);
    this.listings = new Listings(cache);
  }

  /** Reads requests that come from now on by another configuration. */
  void use(Addressing addressing) {
    this.routes = new Routes(addressing);
  }

  /**
   * Answers a request.
   *
   * @param listener the upstream whose own port it came to, or null
   */
  void answer(Exchange exchange, @Nullable String listener) {
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
      route(exchange, listener);
    } catch (RuntimeException e) {
      exchange.fail(e);
    }
  }

  private void route(Exchange exchange, @Nullable String listener) {
    Routes routes = this.routes;
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
    switch (route.target()) {
      case Target.Ping _ ->
          exchange.send(exchange.whole(HttpResponseStatus.OK, MediaType.JSON, PING_BODY));
      case Target.Manifest manifest -> manifest(exchange, manifest);
      case Target.Blob blob -> blobs.answer(exchange, blob);
      case Target.Tags tags -> listings.tags(exchange, tags, query);
      case Target.Referrers referrers -> listings.referrers(exchange, referrers, query);
      case Target.Catalog catalog -> listings.catalog(exchange, catalog, query);
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
    exchange.about(Kind.MANIFEST, target.origin(), target.reference().toString());
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
      cache.willPull(origin, manifest);
    }
    FullHttpResponse response =
        exchange.whole(HttpResponseStatus.OK, manifest.mediaType(), manifest.content());
    Validators.identify(response.headers(), manifest.digest());
    exchange.send(response);
  }
}
