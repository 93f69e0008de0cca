package io.weir.upstream;

import io.vertx.core.http.HttpMethod;
import io.weir.metrics.Kind;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request.
 *
 * @param kind what it is counted as
 * @param headers those that go to every host, also after a redirect
 * @param authorization the {@code Authorization} header, which goes to the target's origin alone
 * @param body a form, or null where there is no body
 * @param sends shared by all that this request becomes on its way
 */
record Request(
    Kind kind,
    HttpMethod method,
    Target target,
    Map<String, String> headers,
    @Nullable String authorization,
    @Nullable String body,
    SendCount sends) {

  Request {
    headers = Map.copyOf(headers);
  }

  static Request get(Kind kind, Target target) {
    return new Request(kind, HttpMethod.GET, target, Map.of(), null, null, new SendCount());
  }

  Request withHeader(String name, String value) {
    Map<String, String> changed = new TreeMap<>(headers);
    changed.put(name, value);
    return new Request(kind, method, target, changed, authorization, body, sends);
  }

  Request withAuthorization(@Nullable String value) {
    return new Request(kind, method, target, headers, value, body, sends);
  }

  /** The same at another place, with the authorization only where that is of the same origin. */
  Request redirectedTo(Target other) {
    return new Request(
        kind,
        method,
        other,
        headers,
        other.hasOriginOf(target) ? authorization : null,
        body,
        sends);
  }

  /** Without the authorization and the query, which may hold secrets. */
  @Override
  public String toString() {
    return method + " " + target;
  }
}
