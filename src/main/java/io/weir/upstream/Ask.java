package io.weir.upstream;

import io.vertx.core.http.HttpMethod;
import io.weir.metrics.Kind;
import io.weir.oci.Repository;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of an upstream, before it is known of which of its URLs.
 *
 * @param repository the repository that it is about, or null for the version check
 * @param place below the repository, such as {@code manifests/latest}
 * @param link where the next page of a list is, as the page before says; null for anything else
 * @param isForced whether it is asked also where it would be left alone after failures: it goes on
 *     with a body that broke, or somebody wants to know how things are now
 */
record Ask(
    Kind kind,
    HttpMethod method,
    @Nullable Repository repository,
    String place,
    @Nullable String link,
    Map<String, String> headers,
    boolean isForced) {

  static Ask get(Kind kind, Repository repository, String place) {
    return new Ask(kind, HttpMethod.GET, repository, place, null, Map.of(), false);
  }

  static Ask head(Kind kind, Repository repository, String place) {
    return new Ask(kind, HttpMethod.HEAD, repository, place, null, Map.of(), false);
  }

  static Ask ping() {
    return new Ask(Kind.OTHER, HttpMethod.GET, null, "", null, Map.of(), true);
  }

  Ask withHeader(String name, String value) {
    Map<String, String> changed = new TreeMap<>(headers);
    changed.put(name, value);
    return new Ask(kind, method, repository, place, link, Map.copyOf(changed), isForced);
  }

  Ask withLink(String target) {
    return new Ask(kind, method, repository, place, target, headers, isForced);
  }

  /**
   * Asks for the bytes from {@code fromByte} on, to before {@code toByte} or, if −1, to the end.
   */
  Ask from(long fromByte, long toByte) {
    return withHeader("Range", "bytes=" + fromByte + '-' + (toByte < 0 ? "" : toByte - 1));
  }

  /** Whether a part of the content is asked for. */
  boolean isRanged() {
    return headers.containsKey("Range");
  }

  Ask forced() {
    return new Ask(kind, method, repository, place, link, headers, true);
  }

  /**
   * The request to make at {@code endpoint}; null where a link does not lead to the same list
   * there.
   */
  @Nullable Request at(Endpoint endpoint) {
    if (repository == null) {
      return request(endpoint.ping());
    }
    Target list = endpoint.at(repository, place);
    if (link == null) {
      return request(list);
    }
    Target next;
    try {
      next = list.resolve(link);
    } catch (IllegalArgumentException e) {
      return null;
    }
    boolean isSameList = next.hasOriginOf(list) && next.path().startsWith(list.path());
    return isSameList ? request(next) : null;
  }

  private Request request(Target target) {
    return new Request(kind, method, target, headers, null, null, new SendCount());
  }
}
