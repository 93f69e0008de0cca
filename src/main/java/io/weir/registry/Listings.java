package io.weir.registry;

import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringEncoder;
import io.weir.auth.Caller;
import io.weir.cache.Cache;
import io.weir.cache.Referrers;
import io.weir.cache.TagList;
import io.weir.oci.ErrorCode;
import io.weir.oci.MediaType;
import io.weir.oci.OciException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The endpoints that list: tags, referrers, the catalog. Their answers are made off the event loop.
 *
 * @see <a
 *     href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#content-discovery">
 *     distribution-spec 1.1.1, content discovery</a>
 */
final class Listings {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int CATALOG_PAGE = 1000;

  private final Cache cache;

  Listings(Cache cache) {
    this.cache = cache;
  }

  void tags(Exchange exchange, Target.Tags target, Query query) {
    exchange.offLoop(() -> {
      TagList list = cache.tags(target.origin());
      Page page = Page.of(list.tags(), query, Integer.MAX_VALUE);
      ObjectNode body = JSON.createObjectNode().put("name", target.name());
      page.entries().forEach(body.putArray("tags")::add);
      return () -> {
        exchange.status(list.status());
        send(exchange, query, body, MediaType.JSON, page);
      };
    });
  }

  /** Lists what the caller may pull. */
  void catalog(Exchange exchange, Target.Catalog target, Query query, Caller caller) {
    exchange.offLoop(() -> {
      List<String> names =
          cache.repositories(target.upstream()).stream()
              .filter(caller::mayPull)
              .map(origin ->
                  target.upstream() == null ? origin.toString() : origin.repository().name())
              .toList();
      Page page = Page.of(names, query, CATALOG_PAGE);
      ObjectNode body = JSON.createObjectNode();
      page.entries().forEach(body.putArray("repositories")::add);
      return () -> send(exchange, query, body, MediaType.JSON, page);
    });
  }

  void referrers(Exchange exchange, Target.Referrers target, Query query) {
    exchange.offLoop(() -> {
      Referrers all = cache.referrers(target.origin(), target.digest());
      String artifactType = query.first("artifactType");
      ObjectNode body =
          JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", MediaType.OCI_INDEX);
      ArrayNode manifests = body.putArray("manifests");
      for (JsonNode descriptor : all.descriptors()) {
        if (artifactType == null
            || artifactType.equals(descriptor.path("artifactType").asString(""))) {
          manifests.add(descriptor);
        }
      }
      byte[] content = JSON.writeValueAsBytes(body);
      return () -> {
        exchange.status(all.status());
        FullHttpResponse response =
            exchange.whole(HttpResponseStatus.OK, MediaType.OCI_INDEX, content);
        if (artifactType != null) {
          response.headers().set("OCI-Filters-Applied", "artifactType");
        }
        exchange.send(response);
      };
    });
  }

  private static void send(
      Exchange exchange, Query query, ObjectNode body, String type, Page page) {
    FullHttpResponse response =
        exchange.whole(
            HttpResponseStatus.OK,
            type,
            JSON.writeValueAsString(body).getBytes(StandardCharsets.UTF_8));
    if (page.nextLast() != null) {
      response.headers().set("Link", nextLink(query, page));
    }
    exchange.send(response);
  }

  /** The way to the next page, spelled as the client spelled this one. */
  private static String nextLink(Query query, Page page) {
    QueryStringEncoder next = new QueryStringEncoder(query.rawPath());
    next.addParam("n", Integer.toString(page.limit()));
    next.addParam("last", page.nextLast());
    query.namespaces().forEach(namespace -> next.addParam("ns", namespace));
    return '<' + next.toString() + ">; rel=\"next\"";
  }

  /**
   * A part of a list.
   *
   * @param entries what the page holds, in ASCII order
   * @param limit how many it may hold
   * @param nextLast the entry after which the next page begins, or null where this is the last
   */
  private record Page(List<String> entries, int limit, @Nullable String nextLast) {

    /** The page that {@code n} and {@code last} ask for. */
    static Page of(List<String> all, Query query, int defaultLimit) {
      int limit = limit(query.first("n"), defaultLimit);
      TreeSet<String> sorted = new TreeSet<>(all);
      String last = query.first("last");
      List<String> rest = List.copyOf(last == null ? sorted : sorted.tailSet(last, false));
      boolean isLast = limit == 0 || rest.size() <= limit;
      List<String> entries = rest.subList(0, Math.min(limit, rest.size()));
      return new Page(entries, limit, isLast ? null : entries.getLast());
    }

    private static int limit(@Nullable String n, int defaultLimit) {
      if (n == null) {
        return defaultLimit;
      }
      if (!n.matches("[0-9]{1,9}")) {
        throw new OciException(ErrorCode.PAGINATION_NUMBER_INVALID, "n is not a number of entries");
      }
      return Integer.parseInt(n);
    }
  }
}
