package io.weir.registry;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.weir.cache.BlobAnswer;
import io.weir.cache.BlobHead;
import io.weir.cache.Cache;
import io.weir.cache.CacheStatus;
import io.weir.cache.GrowingBlob;
import io.weir.cache.ManifestAnswer;
import io.weir.cache.StoredManifest;
import io.weir.metrics.Kind;
import io.weir.oci.Digest;
import io.weir.oci.ErrorCode;
import io.weir.oci.MediaType;
import io.weir.oci.OciException;
import io.weir.oci.Origin;
import io.weir.store.SharedFile;
import io.weir.store.StorageException;
import io.weir.store.StoredBlob;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of the registry API: one method each. Called on event loops.
 *
 * @see <a
 *     href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints">distribution-spec
 *     1.1.1, endpoints</a>
 */
final class Endpoints {

  private static final byte[] PING_BODY = "{}".getBytes(StandardCharsets.US_ASCII);

  private volatile Addressing addressing;
  private final Cache cache;
  private final Listings listings;

  Endpoints(Addressing addressing, Cache cache) {
    this.addressing = addressing;
    this.cache = cache;
    this.listings = new Listings(cache);
  }

  /** Reads requests that come from now on by another configuration. */
  void use(Addressing addressing) {
    this.addressing = addressing;
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
    Query query = Query.parse(exchange.request().uri());
    if (!query.namespaces().isEmpty()) {
      exchange.namespace(query.namespaces().getFirst());
    }
    RequestPath path = RequestPath.parse(query.rawPath());
    exchange.about(kind(path.endpoint()), null, path.reference());
    Target target =
        addressing.resolve(
            listener, exchange.header(HttpHeaderNames.HOST), query.namespaces(), path);
    switch (target) {
      case Target.Ping _ ->
          exchange.send(exchange.whole(HttpResponseStatus.OK, MediaType.JSON, PING_BODY));
      case Target.Manifest manifest -> manifest(exchange, manifest);
      case Target.Blob blob -> blob(exchange, blob);
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

  // Manifests.

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
    exchange.status(answer.status());
    if (isNotModified(exchange, manifest.digest())) {
      sendNotModified(exchange, manifest.digest());
      return;
    }
    FullHttpResponse response =
        exchange.whole(HttpResponseStatus.OK, manifest.mediaType(), manifest.content());
    identify(response.headers(), manifest.digest());
    exchange.send(response);
    if (!exchange.isHead()) {
      cache.pulled(origin, manifest.digest());
    }
  }

  // Blobs.

  private void blob(Exchange exchange, Target.Blob target) {
    exchange.about(Kind.BLOB, target.origin(), target.digest().toString());
    ByteRange range = ByteRange.parse(exchange.header(HttpHeaderNames.RANGE));
    StoredBlob recalled = cache.recallBlob(target.origin(), target.digest());
    if (recalled != null) {
      sendStored(exchange, target, range, recalled, CacheStatus.HIT);
    } else if (exchange.isHead()) {
      exchange.offLoop(() -> {
        BlobHead head = cache.blobHead(target.origin(), target.digest());
        return () -> sendBlobHead(exchange, target.digest(), head);
      });
    } else {
      exchange.offLoop(() -> {
        BlobAnswer answer = cache.blob(target.origin(), target.digest());
        return () -> sendBlob(exchange, target, range, answer);
      });
    }
  }

  private void sendBlobHead(Exchange exchange, Digest digest, BlobHead head) {
    exchange.status(head.status());
    HttpResponse response = exchange.head(HttpResponseStatus.OK);
    describeBlob(response.headers(), digest);
    if (head.sizeBytes() >= 0) {
      HttpUtil.setContentLength(response, head.sizeBytes());
    }
    exchange.sendEmpty(response);
  }

  private void sendBlob(
      Exchange exchange, Target.Blob target, @Nullable ByteRange range, BlobAnswer answer) {
    switch (answer) {
      case BlobAnswer.Stored stored ->
          sendStored(exchange, target, range, stored.blob(), stored.status());
      case BlobAnswer.Growing growing -> {
        exchange.status(growing.status());
        sendGrowing(exchange, target, range, growing.blob());
      }
    }
  }

  private void sendStored(
      Exchange exchange,
      Target.Blob target,
      @Nullable ByteRange asked,
      StoredBlob blob,
      CacheStatus status) {
    exchange.status(status);
    if (isNotModified(exchange, target.digest())) {
      sendNotModified(exchange, target.digest());
      return;
    }
    ByteRange range = isRangeCurrent(exchange, target.digest()) ? asked : null;
    ByteRange.Slice slice =
        range == null ? new ByteRange.Slice(0, blob.sizeBytes()) : range.within(blob.sizeBytes());
    HttpResponse head = blobHead(exchange, target.digest(), range, slice, blob.sizeBytes());
    if (exchange.isHead()) {
      exchange.sendEmpty(head);
      return;
    }
    SharedFile file;
    try {
      file = blob.open();
    } catch (IOException e) {
      throw new StorageException("the stored blob cannot be opened", e);
    }
    exchange.begin(head);
    BlobBody.sendStored(exchange, file, slice);
    cache.pulled(target.origin(), target.digest());
  }

  private void sendGrowing(
      Exchange exchange, Target.Blob target, @Nullable ByteRange asked, GrowingBlob blob) {
    ByteRange range = isRangeCurrent(exchange, target.digest()) ? asked : null;
    boolean needsLength =
        range != null || exchange.request().protocolVersion().equals(HttpVersion.HTTP_1_0);
    if (needsLength && blob.sizeBytes() < 0) {
      // Upstream does not say how long it is: the end will.
      blob.onProgress(
          Long.MAX_VALUE,
          () ->
              exchange
                  .context()
                  .executor()
                  .execute(() -> sendSized(exchange, target, range, blob)));
    } else if (blob.sizeBytes() < 0) {
      HttpResponse head = exchange.head(HttpResponseStatus.OK);
      describeBlob(head.headers(), target.digest());
      HttpUtil.setTransferEncodingChunked(head, true);
      begin(exchange, target, head, blob, 0, Long.MAX_VALUE);
    } else {
      sendSized(exchange, target, range, blob);
    }
  }

  private void sendSized(
      Exchange exchange, Target.Blob target, @Nullable ByteRange range, GrowingBlob blob) {
    long sizeBytes = blob.sizeBytes();
    if (sizeBytes < 0) {
      BlobBody.fail(exchange, blob);
      return;
    }
    ByteRange.Slice slice;
    try {
      slice = range == null ? new ByteRange.Slice(0, sizeBytes) : range.within(sizeBytes);
    } catch (ByteRange.UnsatisfiableException e) {
      blob.close();
      throw e;
    }
    HttpResponse head = blobHead(exchange, target.digest(), range, slice, sizeBytes);
    begin(exchange, target, head, blob, slice.from(), slice.to());
  }

  private void begin(
      Exchange exchange,
      Target.Blob target,
      HttpResponse head,
      GrowingBlob blob,
      long from,
      long to) {
    BlobBody.sendGrowing(exchange, head, blob, from, to);
    cache.pulled(target.origin(), target.digest());
  }

  private static HttpResponse blobHead(
      Exchange exchange,
      Digest digest,
      @Nullable ByteRange range,
      ByteRange.Slice slice,
      long sizeBytes) {
    HttpResponse head =
        exchange.head(range == null ? HttpResponseStatus.OK : HttpResponseStatus.PARTIAL_CONTENT);
    describeBlob(head.headers(), digest);
    HttpUtil.setContentLength(head, slice.to() - slice.from());
    if (range != null) {
      head.headers()
          .set(
              HttpHeaderNames.CONTENT_RANGE,
              "bytes %d-%d/%d".formatted(slice.from(), slice.to() - 1, sizeBytes));
    }
    return head;
  }

  private static void describeBlob(HttpHeaders headers, Digest digest) {
    identify(headers, digest);
    headers.set(HttpHeaderNames.CONTENT_TYPE, MediaType.OCTET_STREAM);
    headers.set(HttpHeaderNames.ACCEPT_RANGES, HttpHeaderValues.BYTES);
  }

  // Conditions.

  private static void identify(HttpHeaders headers, Digest digest) {
    headers.set("Docker-Content-Digest", digest.toString());
    headers.set(HttpHeaderNames.ETAG, etag(digest));
  }

  private static String etag(Digest digest) {
    return '"' + digest.toString() + '"';
  }

  /**
   * Whether If-None-Match names what would be sent, RFC 9110, section 13.1.2. A digest without
   * quotes counts too.
   */
  private static boolean isNotModified(Exchange exchange, Digest digest) {
    String condition = exchange.header(HttpHeaderNames.IF_NONE_MATCH);
    if (condition == null) {
      return false;
    }
    for (String candidate : condition.split(",", -1)) {
      String tag = candidate.strip();
      tag = tag.startsWith("W/") ? tag.substring(2) : tag;
      if (tag.equals("*") || tag.equals(etag(digest)) || tag.equals(digest.toString())) {
        return true;
      }
    }
    return false;
  }

  /** Whether If-Range, if there is one, lets the Range count, RFC 9110, section 13.1.5. */
  private static boolean isRangeCurrent(Exchange exchange, Digest digest) {
    String condition = exchange.header(HttpHeaderNames.IF_RANGE);
    return condition == null || condition.strip().equals(etag(digest));
  }

  private static void sendNotModified(Exchange exchange, Digest digest) {
    HttpResponse head = exchange.head(HttpResponseStatus.NOT_MODIFIED);
    identify(head.headers(), digest);
    exchange.sendEmpty(head);
  }

  /**
   * The request target's query, decoded.
   *
   * @param rawPath the path in front of it, as it stands on the wire
   * @param parameters every parameter with its values
   */
  record Query(String rawPath, Map<String, List<String>> parameters) {

    static Query parse(String uri) {
      int question = uri.indexOf('?');
      if (question < 0) {
        return new Query(uri, Map.of());
      }
      try {
        return new Query(
            uri.substring(0, question),
            new QueryStringDecoder(uri.substring(question)).parameters());
      } catch (IllegalArgumentException e) {
        throw new OciException(ErrorCode.NAME_INVALID, "the query is not well formed", e);
      }
    }

    /** All values of {@code ns}. */
    List<String> namespaces() {
      return parameters.getOrDefault("ns", List.of());
    }

    /** The first value of {@code name}, or null. */
    @Nullable String first(String name) {
      List<String> values = parameters.get(name);
      return values == null || values.isEmpty() ? null : values.getFirst();
    }
  }
}
